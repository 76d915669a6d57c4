import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AttackGround, openGround } from "../support/attack-ground.ts";
import { proves } from "../support/attack-proof.ts";
import { stretched } from "../support/host-slowness.ts";

/*
 * What waits in internet sockets where the kernel charges it to nobody: in connections that are never accepted, and in
 * datagrams that are held back.
 */

let ground: AttackGround;
beforeAll(async () => {
  ground = await openGround();
});
afterAll(() => ground.close());

const MIB = 1024 * 1024;
const stopped = "what waited in the program's internet sockets was more than its memory may be, and it was stopped";
const limits = { memoryBytes: 64 * MIB, openFiles: 1_500, timeoutMs: stretched(20_000) };

/** Fills connections that nobody accepts as far as they go, and waits then. */
const connections = (count: number, enough: number, waits: number, closes = false) => `
import socket
held, sent = [], 0
listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
for _ in range(${count}):
    one = socket.create_connection(listener.getsockname())
    one.setblocking(False)
    try:
        while True: sent += one.send(bytes(65536))
    except OSError: pass
    if not ${closes ? "True" : "False"}: held.append(one)
    del one
report(enough=sent > ${enough})
time.sleep(${waits})
`;

/** Holds back a datagram in each of many sockets, which may have no address any more then, and waits. */
const datagrams = (count: number, waits: number, unbinds = false) => `
import socket
receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
receiver.bind(("127.0.0.1", 0))
held = []
for _ in range(${count}):
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    one.connect(receiver.getsockname())
    one.send(bytes(60000), socket.MSG_MORE)
    if ${unbinds ? "True" : "False"}: syscall("connect", one.fileno(), bytes(16), 16)
    held.append(one)
report(held=len(held))
time.sleep(${waits})
`;

const refused = ["timestamps", "timestamps, high", "zero copy", "key", "modules", "group of IPv6", "flow label"];
const options = `
import socket
one = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
stream = socket.socket(socket.AF_INET6)
first = one.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
high = 1 << 32
def option(name, of, level, number, value=struct.pack("i", 1)):
    trial(name, lambda: syscall("setsockopt", of.fileno(), level, number, value, len(value)))
option("timestamps", one, 1, 37)
option("timestamps, high", one, 1 | high, 37 | high)
option("zero copy", one, 1, 60)
option("key", stream, 6, 14, struct.pack("H126xHHI80s", socket.AF_INET6, 0, 1, 0, b"k"))
option("modules", stream, 6, 31, b"tls")
option("group of IPv6", one, 41, 20, socket.inet_pton(socket.AF_INET6, "ff02::123") + struct.pack("i", 1))
option("flow label", one, 41, 32, struct.pack("16sIBBHHHI", bytes(15) + b"\\1", 0, 0, 255, 1, 6, 0, 0))
option("receive buffer", one, 1, 8, struct.pack("i", 400000))
report(**{"larger than at first": str(one.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) > first)})
trial("a socket of datagrams in sequence", lambda: syscall("socket", socket.AF_INET, 5, 0))
trial("a socket of DCCP", lambda: syscall("socket", socket.AF_INET, 6 | socket.SOCK_CLOEXEC, 0))
finish()
`;

describe("what waits in internet sockets", () => {
  proves("memory.waiting-in-sockets", "in connections that are never accepted", async () => {
    const { execution } = await ground.attack({ code: connections(1_200, 0, 3_600), limits });
    expect(execution.outcome).toMatchObject({ kind: "out-of-memory", stage: "run" });
    expect(execution.warnings).toEqual([stopped]);
    expect((await ground.control(connections(40, limits.memoryBytes, 0))).report).toEqual({ enough: true });
  });

  proves("memory.waiting-in-sockets", "in datagrams that are held back", async () => {
    const { execution } = await ground.attack({ code: datagrams(1_200, 3_600), limits });
    expect(execution.outcome).toMatchObject({ kind: "out-of-memory", stage: "run" });
    expect(execution.warnings).toEqual([stopped]);
    expect((await ground.control(datagrams(1_200, 0))).report).toEqual({ held: 1200 });
  });

  proves("memory.waiting-in-sockets", "whose other ends are closed, and that are bound no more", async () => {
    for (const code of [connections(1_200, 0, 3_600, true), datagrams(1_200, 3_600, true)]) {
      const { execution } = await ground.attack({ code, limits });
      expect(execution.outcome).toMatchObject({ kind: "out-of-memory", stage: "run" });
      expect(execution.warnings).toEqual([stopped]);
    }
    expect((await ground.control(datagrams(1_200, 0, true))).report).toEqual({ held: 1200 });
  });

  proves("memory.waiting-in-sockets", "cannot be made more by options", async () => {
    const { report } = await ground.attack({ code: options });
    expect(report).toEqual({
      ...Object.fromEntries(refused.map((name) => [name, "ENOPROTOOPT"])),
      "receive buffer": "ok",
      "larger than at first": "False",
      "a socket of datagrams in sequence": "ESOCKTNOSUPPORT",
      "a socket of DCCP": "ESOCKTNOSUPPORT",
    });
    const control = (await ground.control(options)).report;
    for (const name of ["timestamps", "group of IPv6"]) expect(control[name]).toBe("ok");
    expect(control["larger than at first"]).toBe("True");
  });

  it("may be that of hundreds of honest sockets of each kind", async () => {
    const code = `
import socket
held = [socket.socketpair() for _ in range(200)]
listener = socket.create_server(("127.0.0.1", 0), backlog=200)
for _ in range(200):
    one = socket.create_connection(listener.getsockname())
    other = listener.accept()[0]
    one.send(bytes(10000))
    held += [one, other]
${datagrams(200, 0.5).replace("held = []", "")}`;
    const { execution, report } = await ground.attack({ code, limits });
    expect([execution.outcome.kind, execution.warnings, report]).toEqual(["exited", [], { held: 800 }]);
  });
});
