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
const connections = (count: number, enough: number, waits: number) => `
import socket
held, sent = [], 0
listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
for _ in range(${count}):
    one = socket.create_connection(listener.getsockname())
    one.setblocking(False)
    held.append(one)
    try:
        while True: sent += one.send(bytes(65536))
    except OSError: pass
report(enough=sent > ${enough})
time.sleep(${waits})
`;

/** Holds back a datagram in each of many sockets, and waits then. */
const datagrams = (count: number, waits: number) => `
import socket
receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
receiver.bind(("127.0.0.1", 0))
held = []
for _ in range(${count}):
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    one.connect(receiver.getsockname())
    one.send(bytes(60000), socket.MSG_MORE)
    held.append(one)
report(held=len(held))
time.sleep(${waits})
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

  it("may be that of hundreds of honest sockets", async () => {
    const { execution, report } = await ground.attack({ code: datagrams(300, 0.5), limits });
    expect([execution.outcome.kind, execution.warnings, report]).toEqual(["exited", [], { held: 300 }]);
  });
});
