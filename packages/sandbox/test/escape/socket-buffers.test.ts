import { afterAll, beforeAll, describe, expect } from "vitest";
import { type AttackGround, openGround } from "../support/attack-ground.ts";
import { proves } from "../support/attack-proof.ts";
import { stretched } from "../support/host-slowness.ts";

/*
 * What lies unread in an internet socket is memory of the kernel. cgroup v1 counts it apart from all other memory, v2
 * with it; where there is no cgroup nothing counts it.
 */

let ground: AttackGround;
beforeAll(async () => {
  ground = await openGround();
});
afterAll(() => ground.close());

const MIB = 1024 * 1024;

/** Each leaves 256 MiB unread if the kernel takes so much, in sockets that it keeps, and reports what stayed, in MiB. */
const hoards = {
  tcp: `
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
held, filled, block = [], 0, b"x" * 65536
for _ in range(300):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        writer = socket.socket()
        writer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8 << 20)
        writer.connect(listener.getsockname())
        held += [writer, listener.accept()[0]]
    writer.setblocking(False)
    try:
        while filled < 256 << 20:
            filled += writer.send(block)
    except BlockingIOError:
        pass
report(unread=filled >> 20)
`,
  udp: `
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
held, sent, unread, block = [], 0, 0, b"x" * 65000
sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for _ in range(800):
    if sent >= 256 << 20:
        break
    reader = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
    reader.bind(("127.0.0.1", 0))
    reader.setblocking(False)
    held.append(reader)
    for _ in range(max(1, reader.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) // len(block))):
        sent += sender.sendto(block, reader.getsockname())
def drain():
    taken = 0
    for reader in held:
        try:
            while True:
                taken += len(reader.recv(len(block)))
        except BlockingIOError:
            pass
    return taken
while part := drain():
    unread += part
    time.sleep(0.1)  # what is on its way arrives
report(unread=unread >> 20)
`,
} as const;

async function attackWith(hoard: keyof typeof hoards): Promise<void> {
  const limits = { memoryBytes: 256 * MIB, openFiles: 1_024, timeoutMs: stretched(60_000) };
  const { execution, report } = await ground.attack({ code: hoards[hoard], limits });
  if (ground.sandboxes.isolation.cgroups === "none") return;
  // Neither is an error: TCP takes no more for now, and a datagram that finds no room is lost.
  expect(execution.outcome).toEqual({ kind: "exited", code: 0, violations: [], stage: "run" });
  expect(report.unread).toBeLessThanOrEqual(64);
}

describe("what lies unread in internet sockets", () => {
  proves("memory.socket-buffers", "TCP", () => attackWith("tcp"));
  proves("memory.socket-buffers", "UDP", () => attackWith("udp"));

  proves("memory.socket-buffers", "control: the host's kernel keeps as much for others", async () => {
    for (const hoard of ["tcp", "udp"] as const) {
      const { report } = await ground.control(hoards[hoard]);
      expect([hoard, Number(report.unread) > 128]).toEqual([hoard, true]);
    }
  });
});
