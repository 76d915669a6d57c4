// Depends on: cgroups.
import { describe, expect, it } from "vitest";
import { stretched } from "./support/host-slowness.ts";
import { program, sharedSandboxes } from "./support/sandboxes.ts";

const MIB = 1024 * 1024;
const sandboxes = sharedSandboxes();
const run = (code: string, memoryBytes: number) =>
  sandboxes().execute({ code, limits: { memoryBytes, timeoutMs: stretched(60_000) } }).result;

describe("a program that talks to itself", () => {
  const transfer = program(
    "import hashlib, socket, threading",
    "block = bytes(range(256)) * 256",
    "listener = socket.create_server(('127.0.0.1', 0), backlog=32)",
    "def send():",
    "    with socket.create_connection(listener.getsockname()) as writer:",
    "        for _ in range(32): writer.sendall(block)",
    "def receive(reader):",
    "    digest = hashlib.sha256()",
    "    while part := reader.recv(65536): digest.update(part)",
    "    seen.add(digest.hexdigest())",
    "    sizes.append(1)",
    "seen, sizes, threads = set(), [], []",
    "for _ in range(16):",
    "    threads.append(threading.Thread(target=send))",
    "    threads[-1].start()",
    "    threads.append(threading.Thread(target=receive, args=listener.accept()[:1]))",
    "    threads[-1].start()",
    "for thread in threads: thread.join()",
    "print(len(sizes), seen == {hashlib.sha256(block * 32).hexdigest()})",
  );

  it.each([64 * MIB, 512 * MIB])("by TCP gets all of it, with %d bytes of memory", async (memoryBytes) => {
    const execution = await run(transfer, memoryBytes);
    expect([execution.stdout, execution.stderr]).toEqual(["16 True\n", ""]);
  });

  it("by UDP gets each datagram that it waits for", async () => {
    const code = program(
      "import socket",
      "reader = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
      "reader.bind(('127.0.0.1', 0))",
      "seen = 0",
      "for number in range(2000):",
      "    reader.sendto(b'%d' % number * 1000, reader.getsockname())",
      "    seen += reader.recv(65536) == b'%d' % number * 1000",
      "print(seen)",
    );
    const execution = await run(code, 64 * MIB);
    expect([execution.stdout, execution.stderr]).toEqual(["2000\n", ""]);
  });

  it("leaves datagrams unread until there is no room, and reads then as many as there was room for", async () => {
    const code = program(
      "import socket",
      "readers = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(200)]",
      "for reader in readers:",
      "    reader.bind(('127.0.0.1', 0))",
      "    for _ in range(5): reader.sendto(b'x' * 60000, reader.getsockname())",
      "    reader.setblocking(False)",
      "def drain(reader):",
      "    count = 0",
      "    try:",
      "        while True: count += len(reader.recv(65536)) == 60000",
      "    except BlockingIOError: return count",
      "counts = [drain(reader) for reader in readers]",
      "print(counts[0], max(counts) == 3)",
      "readers[-1].setblocking(True)",
      "readers[-1].sendto(b'again', readers[-1].getsockname())",
      "print(readers[-1].recv(10))",
    );
    const execution = await run(code, 64 * MIB);
    expect([execution.stdout, execution.stderr]).toEqual(["3 True\nb'again'\n", ""]);
  });
});
