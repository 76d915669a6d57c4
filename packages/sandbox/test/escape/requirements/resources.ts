import type { Requirement } from "./requirement.ts";

export const ofResources = {
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
  "memory.socket-buffers": {
    promise: "what lies unread in sockets of TCP and UDP has a bound, where a cgroup counts memory",
    threat: "what the kernel has for the sockets of all is used up, and the connections of the host stand still",
  },
  "memory.waiting-in-sockets": {
    promise: "what waits in sockets where the kernel charges it to nobody has a bound, and ends the program",
    threat: "connections that are never accepted and datagrams that are held back take memory past every limit",
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
  "memory.file-locks": {
    promise: "the locks on files of all processes are counted, and more than any program needs end it",
    threat: "a million locks fill the kernel's memory, which no limit counts",
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
  "shared.inotify": {
    promise: "watching files uses nothing up for others",
    threat: "the host's user cannot watch files any more; editors and services fail",
  },
  "shared.terminals": {
    promise: "a program has a fixed number of terminals",
    threat: "nobody gets a terminal any more",
  },
  "shared.filters": {
    promise: "no program has the kernel compile a filter of calls or of sockets",
    threat: "the one amount that the host has of them is used up, and services that restrict themselves cannot start",
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
} as const satisfies Record<string, Requirement>;
