import type { Requirement } from "./requirement.ts";

export const ofResources = {
  "memory.anonymous": {
    promise: "memory of a process ends at the limit",
    threat: "the host runs out of memory and its kernel kills the wrong process",
    dependsOn: ["identity", "cgroups"],
  },
  "memory.files": {
    promise: "files in the writable folders count as memory",
    threat: "a file system in memory gets around the limit of memory",
    dependsOn: ["identity", "cgroups"],
  },
  "memory.shared-files": {
    promise: "files in /dev/shm count as memory",
    threat: "shared memory gets around the limit of memory",
    dependsOn: ["identity", "cgroups"],
  },
  "memory.memfd": {
    promise: "memory files without a name are counted, or refused where nothing counts them",
    threat: "memory that no process maps gets around the limit",
    dependsOn: ["identity", "cgroups"],
  },
  "memory.system-v": {
    promise: "System V segments are counted, or refused where nothing counts them",
    threat: "memory that outlives its processes gets around the limit",
    dependsOn: ["identity", "cgroups"],
  },
  "memory.many-processes": {
    promise: "the memory of all processes counts together",
    threat: "many small processes take what one may not",
    dependsOn: ["identity", "cgroups"],
  },
  "memory.kernel-buffers": {
    promise: "what a program leaves in the kernel's buffers counts as its memory",
    threat: "the kernel's own memory fills up, in which nobody is to blame",
    dependsOn: ["identity", "cgroups"],
  },
  "memory.socket-buffers": {
    promise: "what lies unread in sockets of TCP and UDP has a bound, where a cgroup counts memory",
    threat: "what the kernel has for the sockets of all is used up, and the connections of the host stand still",
    dependsOn: ["identity", "cgroups"],
  },
  "memory.waiting-in-sockets": {
    promise: "what waits in sockets where the kernel charges it to nobody has a bound, and ends the program",
    threat: "connections that are never accepted and datagrams that are held back take memory past every limit",
    dependsOn: ["cgroups"],
  },
  "memory.victim": {
    promise: "no program can become a less likely victim than the host's own processes when memory runs out",
    threat: "a program has the host's own processes killed in its place",
    dependsOn: ["identity"],
  },
  "memory.locked": {
    promise: "a program can lock no more memory than a little",
    threat: "memory is taken that the host cannot move or swap",
    dependsOn: ["identity"],
  },
  "memory.huge-pages": {
    promise: "huge pages, which no limit counts, cannot be had",
    threat: "a program takes what the host has set aside for its own services",
    dependsOn: ["identity", "cgroups"],
  },
  "memory.file-locks": {
    promise: "the locks on files of all processes are counted, and more than any program needs end it",
    threat: "a million locks fill the kernel's memory, which no limit counts",
    dependsOn: ["cgroups"],
  },
  "memory.access-lists": {
    promise: "no access list can be put on a file",
    threat: "thousands of files with a list of 64 KiB each fill the kernel's memory, which no limit counts",
    dependsOn: [],
  },
  "disk.bytes": {
    promise: "what a program writes, in all folders together, ends at the disk limit",
    threat: "the host's disk or memory fills up",
    dependsOn: ["cgroups"],
  },
  "disk.inodes": {
    promise: "the number of files is limited as their size is",
    threat: "empty files fill the kernel's memory",
    dependsOn: ["cgroups"],
  },
  "disk.sparse-file": {
    promise: "no file can be given a size beyond the disk limit",
    threat: "a hole of a terabyte is read, hashed and copied by the host",
    dependsOn: ["cgroups"],
  },
  "disk.elsewhere": {
    promise: "nothing can be written outside the writable folders",
    threat: "a program changes what others run or read",
    dependsOn: ["identity"],
  },
  "disk.descriptors": {
    promise: "open files end at the limit of each process",
    threat: "the host's table of open files is full",
    dependsOn: [],
  },
  "output.bytes": {
    promise: "output ends at its limit of bytes, exactly",
    threat: "the host's memory, logs and network fill up",
    dependsOn: [],
  },
  "output.lines": {
    promise: "output ends at its limit of lines, exactly",
    threat: "readers that work by line are flooded",
    dependsOn: [],
  },
  "output.reopened": {
    promise: "output through reopened descriptors counts as well",
    threat: "a second way out gets around the limit of output",
    dependsOn: ["identity"],
  },
  "output.flood-and-time": {
    promise: "a flood of output delays neither the time limit nor a cancel",
    threat: "a program outlives its limit by keeping its warden busy",
    dependsOn: ["cgroups"],
  },
  "output.slow-reader": {
    promise: "a slow reader slows the program and the host's memory stays bounded",
    threat: "output piles up in the host until it dies",
    dependsOn: [],
  },
  "shared.inotify": {
    promise: "watching files uses nothing up for others",
    threat: "the host's user cannot watch files any more; editors and services fail",
    dependsOn: ["identity"],
  },
  "shared.terminals": {
    promise: "a program has a fixed number of terminals",
    threat: "nobody gets a terminal any more",
    dependsOn: ["identity"],
  },
  "shared.filters": {
    promise: "no program has the kernel compile a filter of calls or of sockets",
    threat: "the one amount that the host has of them is used up, and services that restrict themselves cannot start",
    dependsOn: [],
  },
  "shared.asynchronous-io": {
    promise: "the kernel's asynchronous reads and writes are not there",
    threat: "databases on the host cannot start, because their number for the whole host is used up",
    dependsOn: [],
  },
  "shared.message-queues": {
    promise: "message queues use nothing up for others",
    threat: "neighbours are refused theirs",
    dependsOn: ["identity"],
  },
  "shared.pending-signals": {
    promise: "timers and waiting signals use nothing up for others",
    threat: "neighbours are refused theirs",
    dependsOn: ["identity"],
  },
  "shared.pipes": {
    promise: "large pipes use nothing up for others that have a uid of their own",
    threat: "others are left with pipes of one page",
    dependsOn: ["identity"],
  },
} as const satisfies Record<string, Requirement>;
