import type { Requirement } from "./requirement.ts";

export const ofProcesses = {
  "processes.fork-bomb": {
    promise: "a fork bomb stays within its limit of processes and starves nobody",
    threat: "the host's table of processes is full and nobody can start anything",
    dependsOn: ["identity", "cgroups"],
  },
  "processes.thread-bomb": {
    promise: "threads count as processes and end at the same limit",
    threat: "threads get around the limit of processes",
    dependsOn: ["identity", "cgroups"],
  },
  "processes.zombie-flood": {
    promise: "dead children that nobody waits for count and are gone with their sandbox",
    threat: "zombies fill the host's table of processes",
    dependsOn: ["identity", "cgroups"],
  },
  "processes.orphans-do-not-add-up": {
    promise: "orphans that ended do not use up a program's processes",
    threat: "a well-behaved program is refused processes that it does not have",
    dependsOn: ["identity", "cgroups"],
  },
  "processes.daemon": {
    promise: "a daemon in a session of its own ends with its program",
    threat: "a program goes on computing, unpaid and unseen, after its end was reported",
    dependsOn: ["identity", "cgroups"],
  },
  "processes.orphan-holds-output": {
    promise: "a child that keeps the output open does not delay the end",
    threat: "a program holds a slot of the host for as long as it likes",
    dependsOn: ["identity", "cgroups"],
  },
  "processes.others-invisible": {
    promise: "a program sees no process but its own",
    threat: "command lines, environments and habits of the host and of neighbours can be read",
    dependsOn: ["identity"],
  },
  "signals.sleeps-past-limit": {
    promise: "a program that sleeps is ended at its time limit",
    threat: "idle programs hold the host's slots for ever",
    dependsOn: ["cgroups"],
  },
  "signals.ignores-all": {
    promise: "ignoring and blocking every signal delays no end",
    threat: "a program cannot be stopped",
    dependsOn: ["identity"],
  },
  "signals.busy-past-cpu-limit": {
    promise: "a busy program is ended at its limit of CPU time, however it spreads the work",
    threat: "a program computes for longer than it was given",
    dependsOn: ["cgroups"],
  },
  "signals.stops-itself": {
    promise: "a program that stops itself and its children is ended at its time limit",
    threat: "stopped processes stay for ever",
    dependsOn: ["identity", "cgroups"],
  },
  "signals.kills-warden": {
    promise: "no signal of a program reaches its warden",
    threat: "a program ends or stops the process that watches it",
    dependsOn: ["identity"],
  },
  "signals.cripples-warden": {
    promise: "a program cannot change its warden's limits, priority or processors",
    threat: "a program makes its warden fail, slow or blind and forges a fault of the sandbox",
    dependsOn: ["identity"],
  },
} as const satisfies Record<string, Requirement>;
