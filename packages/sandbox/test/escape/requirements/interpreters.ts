import type { Requirement } from "./requirement.ts";

export const ofInterpreters = {
  "compile.sources-alone": {
    promise:
      "a compiler sees its sources, and what these embed of the request's files, and nothing else of the request, the host or others",
    threat: "a source reads with an include what its program may not, and carries it in the product",
    dependsOn: [],
  },
  "compile.endless-includes": {
    promise: "a source without end ends at the compiler's limits",
    threat: "a line of source holds a compiler, its memory and a slot of the host for ever",
    dependsOn: ["cgroups"],
  },
  "compile.what-it-leaves": {
    promise: "of what a compiler leaves only regular files come out, and no process outlives it",
    threat: "a link, a pipe or a device in a product reaches the host, a process computes on unseen",
    dependsOn: ["identity", "cgroups"],
  },
  "compile.others": {
    promise: "products of others and the cache of products are not in view, neither of a compiler nor of a program",
    threat: "code of others is read, or replaced before they run it",
    dependsOn: ["identity"],
  },
  "compile.read-only": {
    promise: "the product, the language's own files and what was made ahead of time cannot be changed",
    threat: "what is changed once is run by everybody after",
    dependsOn: ["identity"],
  },
  "compile.own-limits": {
    promise: "the limits that one run gives its compiler decide neither what another run gets nor when it gets it",
    threat: "a compiler that is refused a process leaves a part out, and everybody runs what it made",
    dependsOn: ["identity", "cgroups"],
  },
  "compile.options": {
    promise:
      "of the compiler's options a request gives only those that concern the product, each as one word, and for itself alone",
    threat: "an option reads a file, runs a program or puts the product where somebody else takes it from",
    dependsOn: [],
  },
  "compile.whole-program": {
    promise: "a compiler that cannot do one of its steps fails, and never makes a program of some of the sources",
    threat: "a check that is in a file of its own is left out of the program",
    dependsOn: ["identity", "cgroups"],
  },
  "parked.locked-down": {
    promise: "an interpreter that waits for a program is locked down before it waits",
    threat: "a program starts in a process that still has a privilege",
    dependsOn: ["identity"],
  },
  "parked.one-lease": {
    promise: "nothing of an earlier program is left in the interpreter that the next one gets",
    threat: "one program changes what the next one calls, or reads what it left",
    dependsOn: ["identity"],
  },
  "parked.randomness": {
    promise: "no two interpreters that waited have the same random numbers",
    threat: "keys and names that should be secret are the same for everybody",
    dependsOn: [],
  },
  "parked.environment": {
    promise: "variables of a request that a runtime obeys are obeyed by nobody but a process that is locked down",
    threat: "a variable names code that is run before the walls are up",
    dependsOn: ["identity"],
  },
} as const satisfies Record<string, Requirement>;
