import type { Requirement } from "./requirement.ts";

export const ofResults = {
  "artifacts.links": {
    promise: "no link that a program leaves is followed, and none leads to a file of the host",
    threat: "the host reads its own secrets and hands them out as results",
    dependsOn: ["identity"],
  },
  "artifacts.special-files": {
    promise: "only regular files come out",
    threat: "a pipe holds the host for ever, a device is read to its end",
    dependsOn: ["identity"],
  },
  "artifacts.names": {
    promise: "names that cannot be shown are left out, and the others mean nothing but a name",
    threat: "a name writes outside the folder, or moves the cursor of who lists it",
    dependsOn: [],
  },
  "artifacts.deep-trees": {
    promise: "folders are followed to a fixed depth",
    threat: "a tree exhausts the stack of who walks it",
    dependsOn: [],
  },
  "artifacts.long-paths": {
    promise: "a path too long for the protocol is left out, and the run stays the program's own",
    threat: "a program passes its failure off as a fault of the sandbox",
    dependsOn: [],
  },
  "artifacts.sparse": {
    promise: "artifacts together are no larger than the disk limit, holes included",
    threat: "files of nothing fill the host's disk",
    dependsOn: [],
  },
  "artifacts.holes": {
    promise: "what costs a program nothing does not keep the host at work",
    threat: "files of nothing are read and hashed for longer than the program ran",
    dependsOn: [],
  },
  "artifacts.many": {
    promise: "the number of artifacts is limited",
    threat: "the host drowns in files and lines",
    dependsOn: [],
  },
  "artifacts.permissions": {
    promise: "the modes of a program's files neither stop nor survive the collection",
    threat: "a file comes out with rights that its reader did not ask for",
    dependsOn: ["identity"],
  },
  "artifacts.planted-on-host": {
    promise: "a link or pipe in the folder for artifacts is never written through",
    threat: "artifacts end up in a place that the caller did not name",
    dependsOn: ["identity"],
  },
  "protocol.forged-frames": {
    promise: "no byte on any descriptor changes the outcome",
    threat: "a program writes its own record: success, metrics, artifacts",
    dependsOn: [],
  },
  "protocol.huge-lengths": {
    promise: "a length that is too large, or never filled, costs the program its channel and nothing else",
    threat: "the host reserves what the length says",
    dependsOn: [],
  },
  "protocol.forged-end": {
    promise: "a program that announces an end it does not come to goes on, and its own end counts",
    threat: "an execution is reported as over while its program runs on",
    dependsOn: [],
  },
  "protocol.hostile-json": {
    promise: "a malformed message costs the program that message",
    threat: "the parser of the host crashes or is led astray",
    dependsOn: [],
  },
  "protocol.flood": {
    promise: "a flood of messages is cut off",
    threat: "the host spends its time on nothing",
    dependsOn: [],
  },
  "protocol.large-messages": {
    promise: "large messages keep nobody waiting, and all of them together are bounded",
    threat: "the host's one thread is busy while everybody waits",
    dependsOn: [],
  },
  "protocol.descriptors-sent": {
    promise: "descriptors sent to the warden are dropped",
    threat: "the warden runs out of descriptors",
    dependsOn: ["identity"],
  },
  "protocol.channel-closed": {
    promise: "a program that closes its channel loses only its messages",
    threat: "a warden without its channel fails",
    dependsOn: [],
  },
  "protocol.parent-descriptors": {
    promise: "no descriptor of the warden can be opened anew",
    threat: "a program writes where only the warden may",
    dependsOn: ["identity"],
  },
  "protocol.results-file": {
    promise: "whatever is put in the place of the file of results costs the program its results and nothing else",
    threat: "the host reads a file of its own, waits for a pipe, or spends its time on broken lines",
    dependsOn: ["identity"],
  },
  "protocol.error-text": {
    promise: "however a program words its last error, reading it keeps nobody waiting",
    threat: "the host's one thread is busy with a text while everybody waits",
    dependsOn: [],
  },
} as const satisfies Record<string, Requirement>;
