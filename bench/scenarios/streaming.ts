import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { streamBare } from "../bare.ts";
import { figure, type Scenario } from "../scenario.ts";
import { startServer } from "../server.ts";

const line = `${"x".repeat(99)}\n`;
const MIB = 1024 * 1024;

/** Output of a program that writes as fast as it can, as an event stream over HTTP. */
export const streaming: Scenario = {
  name: "streaming",
  async run({ effort }) {
    const bytes = Math.ceil(64 * effort) * MIB;
    const folder = mkdtempSync(join(tmpdir(), "glovebox-bench-"));
    const file = join(folder, "lines");
    writeFileSync(file, line.repeat(Math.ceil(bytes / line.length)).slice(0, bytes));
    const code = [
      "import sys",
      `block = (b"x" * 99 + b"\\n") * 655`,
      `left = ${bytes}`,
      "while left > 0:",
      "    left -= sys.stdout.buffer.write(block[:left])",
    ].join("\n");
    const server = await startServer(["--preload", ""]);
    try {
      const limits = { outputBytes: bytes, outputLines: bytes, timeoutMs: 300_000, cpuMs: 300_000 };
      await server.stream("print(1)", limits);
      const start = performance.now();
      const arrived = await server.stream(code, limits);
      const seconds = (performance.now() - start) / 1000;
      if (arrived !== bytes) throw new Error(`${arrived} of ${bytes} bytes arrived`);
      const peer = await streamBare(["cat", file]);
      return [
        figure({
          name: "streamed output as events over HTTP",
          unit: "MiB/s",
          ours: arrived / MIB / seconds,
          peer: peer.bytes / MIB / peer.seconds,
          peerName: "cat through a pipe",
        }),
      ];
    } finally {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
