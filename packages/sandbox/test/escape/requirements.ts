/** One promise of the sandbox, and what an attacker would do if it were broken. */
export interface Requirement {
  /** What holds, as a sentence. */
  readonly promise: string;
  /** What an attacker gains without it. */
  readonly threat: string;
}

/**
 * What no program can do, whatever it tries. Each entry is proved by at least one attack in this folder;
 * `manifest.test.ts` sees to it.
 */
export const requirements = {
  "processes.fork-bomb": {
    promise: "a fork bomb stays within its limit of processes and starves nobody",
    threat: "the host's table of processes is full and nobody can start anything",
  },
  "processes.thread-bomb": {
    promise: "threads count as processes and end at the same limit",
    threat: "threads get around the limit of processes",
  },
  "processes.zombie-flood": {
    promise: "dead children that nobody waits for count and are gone with their sandbox",
    threat: "zombies fill the host's table of processes",
  },
  "processes.orphans-do-not-add-up": {
    promise: "orphans that ended do not use up a program's processes",
    threat: "a well-behaved program is refused processes that it does not have",
  },
  "processes.daemon": {
    promise: "a daemon in a session of its own ends with its program",
    threat: "a program goes on computing, unpaid and unseen, after its end was reported",
  },
  "processes.orphan-holds-output": {
    promise: "a child that keeps the output open does not delay the end",
    threat: "a program holds a slot of the host for as long as it likes",
  },
  "processes.others-invisible": {
    promise: "a program sees no process but its own",
    threat: "command lines, environments and habits of the host and of neighbours can be read",
  },
  "signals.sleeps-past-limit": {
    promise: "a program that sleeps is ended at its time limit",
    threat: "idle programs hold the host's slots for ever",
  },
  "signals.ignores-all": {
    promise: "ignoring and blocking every signal delays no end",
    threat: "a program cannot be stopped",
  },
  "signals.busy-past-cpu-limit": {
    promise: "a busy program is ended at its limit of CPU time, however it spreads the work",
    threat: "a program computes for longer than it was given",
  },
  "signals.stops-itself": {
    promise: "a program that stops itself and its children is ended at its time limit",
    threat: "stopped processes stay for ever",
  },
  "signals.kills-warden": {
    promise: "no signal of a program reaches its warden",
    threat: "a program ends or stops the process that watches it",
  },
  "signals.cripples-warden": {
    promise: "a program cannot change its warden's limits, priority or processors",
    threat: "a program makes its warden fail, slow or blind and forges a fault of the sandbox",
  },
  "memory.anonymous": {
    promise: "memory of a process ends at the limit",
    threat: "the host runs out of memory and its kernel kills the wrong process",
  },
  "memory.files": {
    promise: "files in the writable folders count as memory",
    threat: "a file system in memory gets around the limit of memory",
  },
  "memory.shared-files": {
    promise: "files in /dev/shm count as memory",
    threat: "shared memory gets around the limit of memory",
  },
  "memory.memfd": {
    promise: "memory files without a name are counted, or refused where nothing counts them",
    threat: "memory that no process maps gets around the limit",
  },
  "memory.system-v": {
    promise: "System V segments are counted, or refused where nothing counts them",
    threat: "memory that outlives its processes gets around the limit",
  },
  "memory.many-processes": {
    promise: "the memory of all processes counts together",
    threat: "many small processes take what one may not",
  },
  "memory.kernel-buffers": {
    promise: "what a program leaves in the kernel's buffers counts as its memory",
    threat: "the kernel's own memory fills up, in which nobody is to blame",
  },
  "memory.victim": {
    promise: "no program can become a less likely victim than the host's own processes when memory runs out",
    threat: "a program has the host's own processes killed in its place",
  },
  "memory.locked": {
    promise: "a program can lock no more memory than a little",
    threat: "memory is taken that the host cannot move or swap",
  },
  "memory.huge-pages": {
    promise: "huge pages, which no limit counts, cannot be had",
    threat: "a program takes what the host has set aside for its own services",
  },
  "memory.access-lists": {
    promise: "no access list can be put on a file",
    threat: "thousands of files with a list of 64 KiB each fill the kernel's memory, which no limit counts",
  },
  "disk.bytes": {
    promise: "what a program writes, in all folders together, ends at the disk limit",
    threat: "the host's disk or memory fills up",
  },
  "disk.inodes": {
    promise: "the number of files is limited as their size is",
    threat: "empty files fill the kernel's memory",
  },
  "disk.sparse-file": {
    promise: "no file can be given a size beyond the disk limit",
    threat: "a hole of a terabyte is read, hashed and copied by the host",
  },
  "disk.elsewhere": {
    promise: "nothing can be written outside the writable folders",
    threat: "a program changes what others run or read",
  },
  "disk.descriptors": {
    promise: "open files end at the limit of each process",
    threat: "the host's table of open files is full",
  },
  "output.bytes": {
    promise: "output ends at its limit of bytes, exactly",
    threat: "the host's memory, logs and network fill up",
  },
  "output.lines": {
    promise: "output ends at its limit of lines, exactly",
    threat: "readers that work by line are flooded",
  },
  "output.reopened": {
    promise: "output through reopened descriptors counts as well",
    threat: "a second way out gets around the limit of output",
  },
  "output.flood-and-time": {
    promise: "a flood of output delays neither the time limit nor a cancel",
    threat: "a program outlives its limit by keeping its warden busy",
  },
  "output.slow-reader": {
    promise: "a slow reader slows the program and the host's memory stays bounded",
    threat: "output piles up in the host until it dies",
  },
  "kernel.unshare": {
    promise: "no new namespace of any kind can be made",
    threat: "a new user namespace gives capabilities, and with them most of the kernel's bugs",
  },
  "kernel.clone": {
    promise: "no process can be started in a new namespace",
    threat: "clone does what unshare may not",
  },
  "kernel.clone3": {
    promise: "clone3, whose arguments no filter can read, is not there",
    threat: "namespaces are made behind the filter's back",
  },
  "kernel.setns": {
    promise: "no namespace can be joined",
    threat: "a program enters the namespaces of another process",
  },
  "kernel.chroot": {
    promise: "the root folder cannot be changed",
    threat: "a second root confuses programs that trust theirs",
  },
  "kernel.mount": {
    promise: "nothing can be mounted, remounted or unmounted",
    threat: "read-only becomes writable and what is covered becomes visible",
  },
  "kernel.new-mount-calls": {
    promise: "the newer calls for mounts are refused as the old ones are",
    threat: "a filter that knows only mount(2) is passed by",
  },
  "kernel.ptrace": {
    promise: "no process can be traced, not even a child",
    threat: "a program rewrites system calls after the filter has seen them",
  },
  "kernel.other-memory": {
    promise: "memory and descriptors of other processes cannot be read or written",
    threat: "secrets of other processes are read, their code is changed",
  },
  "kernel.keyring": {
    promise: "the kernel's keyrings cannot be used",
    threat: "keys are read across sandboxes, and the host's quota of keys is used up",
  },
  "kernel.perf": {
    promise: "performance counters are refused",
    threat: "counters leak what others compute, and have had many bugs",
  },
  "kernel.userfaultfd": {
    promise: "page faults cannot be handled by a program",
    threat: "a program holds the kernel still in the middle of a copy, the start of many exploits",
  },
  "kernel.io-uring": {
    promise: "io_uring is refused",
    threat: "system calls are made that the filter never sees",
  },
  "kernel.fanotify": {
    promise: "the file system cannot be watched as a whole",
    threat: "a program sees what others open",
  },
  "kernel.file-handles": {
    promise: "files cannot be opened by handle",
    threat: "files outside the view are opened by their number",
  },
  "kernel.names": {
    promise: "host name and domain name cannot be changed",
    threat: "others of the same namespace are misled",
  },
  "kernel.vmsplice": {
    promise: "pages cannot be given to a pipe",
    threat: "a reader's data changes after it was checked",
  },
  "kernel.personality": {
    promise: "no personality that weakens a process can be taken",
    threat: "memory protection is switched off",
  },
  "kernel.terminal-input": {
    promise: "no input can be put into a terminal, whatever the upper half of the request says",
    threat: "commands are typed into the shell that started the program",
  },
  "kernel.unknown-calls": {
    promise: "calls that the filter does not know do not exist",
    threat: "each new kernel brings a new hole",
  },
  "kernel.segments-and-ports": {
    promise: "segments and ports of the processor are out of reach",
    threat: "rarely used parts of the kernel are attacked",
  },
  "kernel.32-bit-entry": {
    promise: "a 32-bit system call ends the process",
    threat: "other numbers mean other calls, and the filter is passed by",
  },
  "kernel.x32-numbers": {
    promise: "system call numbers of the x32 kind end the process",
    threat: "the same calls under other numbers pass the filter",
  },
  "kernel.socket-families": {
    promise: "only local and internet sockets can be made",
    threat: "rarely used families are the kernel's softest part",
  },
  "kernel.protocols": {
    promise: "internet sockets speak TCP, UDP and ICMP alone",
    threat: "the kernel loads a rarely used protocol for whoever asks, with all of its bugs",
  },
  "kernel.raw-sockets": {
    promise: "raw sockets are refused",
    threat: "packets are forged and read",
  },
  "kernel.bpf": {
    promise: "no program can be loaded into the kernel",
    threat: "code runs in the kernel",
  },
  "kernel.modules": {
    promise: "no module can be loaded or removed",
    threat: "code runs in the kernel",
  },
  "kernel.kexec-and-reboot": {
    promise: "the machine cannot be restarted and no other kernel loaded",
    threat: "everything on the host ends",
  },
  "kernel.swap": {
    promise: "swap cannot be changed",
    threat: "memory of others is written to a file of the attacker",
  },
  "kernel.clock": {
    promise: "the clock cannot be set",
    threat: "certificates, logs and leases of the host go wrong",
  },
  "kernel.log-and-accounting": {
    promise: "the kernel's log and accounting are out of reach",
    threat: "addresses of the kernel leak, records of the host are falsified",
  },
  "kernel.device-nodes": {
    promise: "no device can be made",
    threat: "a disk is read past every permission",
  },
  "files.host-folders": {
    promise: "no folder of the host but its programs and libraries is in view",
    threat: "home folders, keys, logs and sources of the host are read",
  },
  "files.host-users": {
    promise: "the names of the host's users and its settings are not in view",
    threat: "user names and configuration help the next attack",
  },
  "files.host-environment": {
    promise: "the host's environment reaches no program",
    threat: "tokens and passwords are commonly kept there",
  },
  "files.runtime-folder": {
    promise: "knowing where the sandboxes' files lie opens them to no other user of the host",
    threat: "another user of the host, told by a program where to look, reads the inputs of others",
  },
  "files.warden": {
    promise: "nothing of the warden can be read or written through /proc",
    threat: "its memory, descriptors and view of the files are those of a more powerful process",
  },
  "files.through-proc": {
    promise: "no process in view leads to files beyond the own",
    threat: "the root of a more powerful process opens every file",
  },
  "files.neighbour": {
    promise: "files, shared memory and terminals of neighbours are out of reach",
    threat: "one program reads or changes the work of another",
  },
  "files.devices": {
    promise: "only harmless devices exist",
    threat: "disks, memory and machines of the host are reached past every permission",
  },
  "files.kernel-settings": {
    promise: "no setting of the kernel can be written",
    threat: "the kernel is told to start a program of the attacker on the host",
  },
  "files.kernel-secrets": {
    promise: "addresses and logs of the kernel cannot be read",
    threat: "an exploit learns where the kernel's code and data lie",
  },
  "files.read-only-inputs": {
    promise: "large inputs, which are files of the host, cannot be changed",
    threat: "a program changes a file of the host that it was given to read",
  },
  "files.watching": {
    promise: "what others open of the host's programs and libraries cannot be watched",
    threat: "a program learns when the host's users and its neighbours start which program",
  },
  "privileges.none": {
    promise: "a program starts without any capability, under no uid of the host that matters, and cannot gain new ones",
    threat: "every privilege that is left is one that can be used",
  },
  "privileges.regained": {
    promise: "no privilege that was given up can be taken back",
    threat: "a program makes itself root again",
  },
  "privileges.set-user-id": {
    promise: "set-user-id programs of the host run without their owner's rights",
    threat: "su, sudo and mount turn a program into root",
  },
  "privileges.own-set-user-id": {
    promise: "set-user-id bits and capabilities of a program's own files mean nothing",
    threat: "a file left behind gives its rights to whoever starts it",
  },
  "privileges.limits": {
    promise: "resource limits cannot be raised, and the one on core files not even changed",
    threat: "limits that can be lifted are none; a core file is written by the host, outside the sandbox",
  },
  "privileges.deep-recursion": {
    promise: "a stack that overflows ends the program and nothing else",
    threat: "a crash takes the interpreter of others along",
  },
  "privileges.scheduling": {
    promise: "no priority above the normal one can be had",
    threat: "one program keeps the processors from all others",
  },
  "network.outside": {
    promise: "no address of any network can be reached: private, public or metadata",
    threat: "data leaves, the local network is scanned, the cloud's credentials are read",
  },
  "network.host-loopback": {
    promise: "services on the host's and neighbours' loopback are out of reach",
    threat: "databases and administration pages trust whoever comes from the same machine",
  },
  "network.interfaces": {
    promise: "interfaces, addresses and routes cannot be changed",
    threat: "a program gives itself an address to speak from",
  },
  "network.names": {
    promise: "names are resolved from a file alone",
    threat: "data leaves in the names that are asked for",
  },
  "sockets.abstract-and-pathname": {
    promise: "local sockets of the host and of neighbours are out of reach",
    threat: "a message bus, a display or an agent does what it is asked",
  },
  "sockets.nursery": {
    promise: "the socket on which sandboxes report to the host is out of reach",
    threat: "a program poses as a warden and writes its own record",
  },
  "sockets.reception": {
    promise: "whoever knocks at that socket without being expected is turned away",
    threat: "another process of the host poses as a warden",
  },
  "artifacts.links": {
    promise: "no link that a program leaves is followed, and none leads to a file of the host",
    threat: "the host reads its own secrets and hands them out as results",
  },
  "artifacts.special-files": {
    promise: "only regular files come out",
    threat: "a pipe holds the host for ever, a device is read to its end",
  },
  "artifacts.names": {
    promise: "names that cannot be shown are left out, and the others mean nothing but a name",
    threat: "a name writes outside the folder, or moves the cursor of who lists it",
  },
  "artifacts.deep-trees": {
    promise: "folders are followed to a fixed depth",
    threat: "a tree exhausts the stack of who walks it",
  },
  "artifacts.long-paths": {
    promise: "a path too long for the protocol is left out, and the run stays the program's own",
    threat: "a program passes its failure off as a fault of the sandbox",
  },
  "artifacts.sparse": {
    promise: "artifacts together are no larger than the disk limit, holes included",
    threat: "files of nothing fill the host's disk",
  },
  "artifacts.holes": {
    promise: "what costs a program nothing does not keep the host at work",
    threat: "files of nothing are read and hashed for longer than the program ran",
  },
  "artifacts.many": {
    promise: "the number of artifacts is limited",
    threat: "the host drowns in files and lines",
  },
  "artifacts.permissions": {
    promise: "the modes of a program's files neither stop nor survive the collection",
    threat: "a file comes out with rights that its reader did not ask for",
  },
  "artifacts.planted-on-host": {
    promise: "a link or pipe in the folder for artifacts is never written through",
    threat: "artifacts end up in a place that the caller did not name",
  },
  "protocol.forged-frames": {
    promise: "no byte on any descriptor changes the outcome",
    threat: "a program writes its own record: success, metrics, artifacts",
  },
  "protocol.huge-lengths": {
    promise: "a length that is too large, or never filled, costs the program its channel and nothing else",
    threat: "the host reserves what the length says",
  },
  "protocol.forged-end": {
    promise: "a program that announces an end it does not come to goes on, and its own end counts",
    threat: "an execution is reported as over while its program runs on",
  },
  "protocol.hostile-json": {
    promise: "a malformed message costs the program that message",
    threat: "the parser of the host crashes or is led astray",
  },
  "protocol.flood": {
    promise: "a flood of messages is cut off",
    threat: "the host spends its time on nothing",
  },
  "protocol.large-messages": {
    promise: "large messages keep nobody waiting, and all of them together are bounded",
    threat: "the host's one thread is busy while everybody waits",
  },
  "protocol.descriptors-sent": {
    promise: "descriptors sent to the warden are dropped",
    threat: "the warden runs out of descriptors",
  },
  "protocol.channel-closed": {
    promise: "a program that closes its channel loses only its messages",
    threat: "a warden without its channel fails",
  },
  "protocol.parent-descriptors": {
    promise: "no descriptor of the warden can be opened anew",
    threat: "a program writes where only the warden may",
  },
  "protocol.results-file": {
    promise: "whatever is put in the place of the file of results costs the program its results and nothing else",
    threat: "the host reads a file of its own, waits for a pipe, or spends its time on broken lines",
  },
  "protocol.error-text": {
    promise: "however a program words its last error, reading it keeps nobody waiting",
    threat: "the host's one thread is busy with a text while everybody waits",
  },
  "shared.inotify": {
    promise: "watching files uses nothing up for others",
    threat: "the host's user cannot watch files any more; editors and services fail",
  },
  "shared.terminals": {
    promise: "a program has a fixed number of terminals",
    threat: "nobody gets a terminal any more",
  },
  "shared.asynchronous-io": {
    promise: "the kernel's asynchronous reads and writes are not there",
    threat: "databases on the host cannot start, because their number for the whole host is used up",
  },
  "shared.message-queues": {
    promise: "message queues use nothing up for others",
    threat: "neighbours are refused theirs",
  },
  "shared.pending-signals": {
    promise: "timers and waiting signals use nothing up for others",
    threat: "neighbours are refused theirs",
  },
  "shared.pipes": {
    promise: "large pipes use nothing up for others that have a uid of their own",
    threat: "others are left with pipes of one page",
  },
  "compile.sources-alone": {
    promise:
      "a compiler sees its sources, and what these embed of the request's files, and nothing else of the request, the host or others",
    threat: "a source reads with an include what its program may not, and carries it in the product",
  },
  "compile.endless-includes": {
    promise: "a source without end ends at the compiler's limits",
    threat: "a line of source holds a compiler, its memory and a slot of the host for ever",
  },
  "compile.what-it-leaves": {
    promise: "of what a compiler leaves only regular files come out, and no process outlives it",
    threat: "a link, a pipe or a device in a product reaches the host, a process computes on unseen",
  },
  "compile.others": {
    promise: "products of others and the cache of products are not in view, neither of a compiler nor of a program",
    threat: "code of others is read, or replaced before they run it",
  },
  "compile.read-only": {
    promise: "the product, the language's own files and what was made ahead of time cannot be changed",
    threat: "what is changed once is run by everybody after",
  },
  "parked.locked-down": {
    promise: "an interpreter that waits for a program is locked down before it waits",
    threat: "a program starts in a process that still has a privilege",
  },
  "parked.one-lease": {
    promise: "nothing of an earlier program is left in the interpreter that the next one gets",
    threat: "one program changes what the next one calls, or reads what it left",
  },
  "parked.randomness": {
    promise: "no two interpreters that waited have the same random numbers",
    threat: "keys and names that should be secret are the same for everybody",
  },
  "parked.environment": {
    promise: "variables of a request that a runtime obeys are obeyed by nobody but a process that is locked down",
    threat: "a variable names code that is run before the walls are up",
  },
} as const satisfies Record<string, Requirement>;

export type RequirementId = keyof typeof requirements;
