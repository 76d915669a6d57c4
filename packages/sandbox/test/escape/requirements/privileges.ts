import type { Requirement } from "./requirement.ts";

export const ofPrivileges = {
  "privileges.none": {
    promise: "a program starts without any capability, under no uid of the host that matters, and cannot gain new ones",
    threat: "every privilege that is left is one that can be used",
    dependsOn: ["identity"],
  },
  "privileges.regained": {
    promise: "no privilege that was given up can be taken back",
    threat: "a program makes itself root again",
    dependsOn: ["identity"],
  },
  "privileges.set-user-id": {
    promise: "set-user-id programs of the host run without their owner's rights",
    threat: "su, sudo and mount turn a program into root",
    dependsOn: ["identity"],
  },
  "privileges.own-set-user-id": {
    promise: "set-user-id bits and capabilities of a program's own files mean nothing",
    threat: "a file left behind gives its rights to whoever starts it",
    dependsOn: ["identity"],
  },
  "privileges.limits": {
    promise: "resource limits cannot be raised, and the one on core files not even changed",
    threat: "limits that can be lifted are none; a core file is written by the host, outside the sandbox",
    dependsOn: ["identity", "cgroups"],
  },
  "privileges.deep-recursion": {
    promise: "a stack that overflows ends the program and nothing else",
    threat: "a crash takes the interpreter of others along",
    dependsOn: ["cgroups"],
  },
  "privileges.scheduling": {
    promise: "no priority above the normal one can be had",
    threat: "one program keeps the processors from all others",
    dependsOn: ["identity"],
  },
} as const satisfies Record<string, Requirement>;
