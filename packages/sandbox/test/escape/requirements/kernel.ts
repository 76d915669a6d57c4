import type { Requirement } from "./requirement.ts";

export const ofKernel = {
  "kernel.unshare": {
    promise: "no new namespace of any kind can be made",
    threat: "a new user namespace gives capabilities, and with them most of the kernel's bugs",
    dependsOn: ["identity"],
  },
  "kernel.clone": {
    promise: "no process can be started in a new namespace",
    threat: "clone does what unshare may not",
    dependsOn: ["identity"],
  },
  "kernel.clone3": {
    promise: "clone3, whose arguments no filter can read, is not there",
    threat: "namespaces are made behind the filter's back",
    dependsOn: [],
  },
  "kernel.setns": {
    promise: "no namespace can be joined",
    threat: "a program enters the namespaces of another process",
    dependsOn: ["identity"],
  },
  "kernel.chroot": {
    promise: "the root folder cannot be changed",
    threat: "a second root confuses programs that trust theirs",
    dependsOn: ["identity"],
  },
  "kernel.mount": {
    promise: "nothing can be mounted, remounted or unmounted",
    threat: "read-only becomes writable and what is covered becomes visible",
    dependsOn: ["identity"],
  },
  "kernel.new-mount-calls": {
    promise: "the newer calls for mounts are refused as the old ones are",
    threat: "a filter that knows only mount(2) is passed by",
    dependsOn: ["identity"],
  },
  "kernel.ptrace": {
    promise: "no process can be traced, not even a child",
    threat: "a program rewrites system calls after the filter has seen them",
    dependsOn: ["identity"],
  },
  "kernel.other-memory": {
    promise: "memory and descriptors of other processes cannot be read or written",
    threat: "secrets of other processes are read, their code is changed",
    dependsOn: ["identity"],
  },
  "kernel.keyring": {
    promise: "the kernel's keyrings cannot be used",
    threat: "keys are read across sandboxes, and the host's quota of keys is used up",
    dependsOn: ["identity"],
  },
  "kernel.perf": {
    promise: "performance counters are refused",
    threat: "counters leak what others compute, and have had many bugs",
    dependsOn: ["identity"],
  },
  "kernel.userfaultfd": {
    promise: "page faults cannot be handled by a program",
    threat: "a program holds the kernel still in the middle of a copy, the start of many exploits",
    dependsOn: [],
  },
  "kernel.io-uring": {
    promise: "io_uring is refused",
    threat: "system calls are made that the filter never sees",
    dependsOn: [],
  },
  "kernel.fanotify": {
    promise: "the file system cannot be watched as a whole",
    threat: "a program sees what others open",
    dependsOn: ["identity"],
  },
  "kernel.file-handles": {
    promise: "files cannot be opened by handle",
    threat: "files outside the view are opened by their number",
    dependsOn: ["identity"],
  },
  "kernel.names": {
    promise: "host name and domain name cannot be changed",
    threat: "others of the same namespace are misled",
    dependsOn: ["identity"],
  },
  "kernel.vmsplice": {
    promise: "pages cannot be given to a pipe",
    threat: "a reader's data changes after it was checked",
    dependsOn: [],
  },
  "kernel.personality": {
    promise: "no personality that weakens a process can be taken",
    threat: "memory protection is switched off",
    dependsOn: [],
  },
  "kernel.terminal-input": {
    promise: "no input can be put into a terminal, whatever the upper half of the request says",
    threat: "commands are typed into the shell that started the program",
    dependsOn: [],
  },
  "kernel.unknown-calls": {
    promise: "calls that the filter does not know do not exist",
    threat: "each new kernel brings a new hole",
    dependsOn: [],
  },
  "kernel.segments-and-ports": {
    promise: "segments and ports of the processor are out of reach",
    threat: "rarely used parts of the kernel are attacked",
    dependsOn: [],
  },
  "kernel.32-bit-entry": {
    promise: "a 32-bit system call ends the process",
    threat: "other numbers mean other calls, and the filter is passed by",
    dependsOn: [],
  },
  "kernel.x32-numbers": {
    promise: "system call numbers of the x32 kind end the process",
    threat: "the same calls under other numbers pass the filter",
    dependsOn: [],
  },
  "kernel.socket-families": {
    promise: "only local and internet sockets can be made",
    threat: "rarely used families are the kernel's softest part",
    dependsOn: [],
  },
  "kernel.protocols": {
    promise: "internet sockets speak TCP, UDP and ICMP alone",
    threat: "the kernel loads a rarely used protocol for whoever asks, with all of its bugs",
    dependsOn: [],
  },
  "kernel.raw-sockets": {
    promise: "raw sockets are refused",
    threat: "packets are forged and read",
    dependsOn: ["identity"],
  },
  "kernel.bpf": {
    promise: "no program can be loaded into the kernel",
    threat: "code runs in the kernel",
    dependsOn: ["identity"],
  },
  "kernel.modules": {
    promise: "no module can be loaded or removed",
    threat: "code runs in the kernel",
    dependsOn: ["identity"],
  },
  "kernel.kexec-and-reboot": {
    promise: "the machine cannot be restarted and no other kernel loaded",
    threat: "everything on the host ends",
    dependsOn: ["identity"],
  },
  "kernel.swap": {
    promise: "swap cannot be changed",
    threat: "memory of others is written to a file of the attacker",
    dependsOn: ["identity"],
  },
  "kernel.clock": {
    promise: "the clock cannot be set",
    threat: "certificates, logs and leases of the host go wrong",
    dependsOn: ["identity"],
  },
  "kernel.log-and-accounting": {
    promise: "the kernel's log and accounting are out of reach",
    threat: "addresses of the kernel leak, records of the host are falsified",
    dependsOn: ["identity"],
  },
  "kernel.device-nodes": {
    promise: "no device can be made",
    threat: "a disk is read past every permission",
    dependsOn: ["identity"],
  },
} as const satisfies Record<string, Requirement>;
