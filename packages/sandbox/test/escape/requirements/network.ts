import type { Requirement } from "./requirement.ts";

export const ofNetwork = {
  "network.outside": {
    promise: "no address of any network can be reached: private, public or metadata",
    threat: "data leaves, the local network is scanned, the cloud's credentials are read",
    dependsOn: [],
  },
  "network.host-loopback": {
    promise: "services on the host's and neighbours' loopback are out of reach",
    threat: "databases and administration pages trust whoever comes from the same machine",
    dependsOn: [],
  },
  "network.interfaces": {
    promise: "interfaces, addresses and routes cannot be changed",
    threat: "a program gives itself an address to speak from",
    dependsOn: ["identity"],
  },
  "network.names": {
    promise: "names are resolved from a file alone",
    threat: "data leaves in the names that are asked for",
    dependsOn: [],
  },
  "sockets.abstract-and-pathname": {
    promise: "local sockets of the host and of neighbours are out of reach",
    threat: "a message bus, a display or an agent does what it is asked",
    dependsOn: ["identity"],
  },
  "sockets.nursery": {
    promise: "the socket on which sandboxes report to the host is out of reach",
    threat: "a program poses as a warden and writes its own record",
    dependsOn: ["identity"],
  },
  "sockets.reception": {
    promise: "whoever knocks at that socket without being expected is turned away",
    threat: "another process of the host poses as a warden",
    dependsOn: ["identity"],
  },
} as const satisfies Record<string, Requirement>;
