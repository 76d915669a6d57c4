import type { Requirement } from "./requirement.ts";

export const ofFiles = {
  "files.host-folders": {
    promise: "no folder of the host but its programs and libraries is in view",
    threat: "home folders, keys, logs and sources of the host are read",
    dependsOn: [],
  },
  "files.host-users": {
    promise: "the names of the host's users and its settings are not in view",
    threat: "user names and configuration help the next attack",
    dependsOn: ["identity"],
  },
  "files.host-environment": {
    promise: "the host's environment reaches no program",
    threat: "tokens and passwords are commonly kept there",
    dependsOn: [],
  },
  "files.runtime-folder": {
    promise: "knowing where the sandboxes' files lie opens them to no other user of the host",
    threat: "another user of the host, told by a program where to look, reads the inputs of others",
    dependsOn: ["identity"],
  },
  "files.warden": {
    promise: "nothing of the warden can be read or written through /proc",
    threat: "its memory, descriptors and view of the files are those of a more powerful process",
    dependsOn: ["identity"],
  },
  "files.through-proc": {
    promise: "no process in view leads to files beyond the own",
    threat: "the root of a more powerful process opens every file",
    dependsOn: ["identity"],
  },
  "files.neighbour": {
    promise: "files, shared memory and terminals of neighbours are out of reach",
    threat: "one program reads or changes the work of another",
    dependsOn: ["identity"],
  },
  "files.devices": {
    promise: "only harmless devices exist",
    threat: "disks, memory and machines of the host are reached past every permission",
    dependsOn: [],
  },
  "files.kernel-settings": {
    promise: "no setting of the kernel can be written",
    threat: "the kernel is told to start a program of the attacker on the host",
    dependsOn: ["identity"],
  },
  "files.kernel-secrets": {
    promise: "addresses and logs of the kernel cannot be read",
    threat: "an exploit learns where the kernel's code and data lie",
    dependsOn: ["identity"],
  },
  "files.read-only-inputs": {
    promise: "large inputs, which are files of the host, cannot be changed",
    threat: "a program changes a file of the host that it was given to read",
    dependsOn: ["identity"],
  },
  "files.input-locks": {
    promise: "no lock on an input file below 64 MiB holds up the host's users of that file",
    threat: "a database of the host cannot be written while a program that was given it sleeps",
    dependsOn: ["identity"],
  },
  "files.watching": {
    promise: "what others open of the host's programs and libraries cannot be watched",
    threat: "a program learns when the host's users and its neighbours start which program",
    dependsOn: ["identity"],
  },
  "files.leases": {
    promise: "no lease can be taken on a file",
    threat: "whoever opens the file stands still for 45 seconds, and the program is told of it",
    dependsOn: ["identity"],
  },
  "files.activity": {
    promise: "the kernel's lists of what the host and others do are not in view",
    threat: "their locks, disks and devices tell what they work on, and when",
    dependsOn: [],
  },
} as const satisfies Record<string, Requirement>;
