import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { executionEventSchema, finishedExecutionSchema } from "@glovebox/protocol";

const root = dirname(import.meta.dirname);

export interface RunningServer {
  readonly pid: number;
  /** Runs a program, in Python unless told otherwise, and returns its standard output. Rejects unless it exits with 0. */
  execute(code: string, language?: string): Promise<string>;
  /** Runs a program as an event stream and returns how many bytes of its output arrived. */
  stream(code: string, limits: Record<string, number>): Promise<number>;
  stop(): Promise<void>;
}

/** Starts `glovebox serve` as a user would and waits until it listens. */
export async function startServer(args: readonly string[] = []): Promise<RunningServer> {
  const folder = mkdtempSync(join(tmpdir(), "glovebox-bench-"));
  const main = join(root, "packages/cli/dist/main.js");
  const child = spawn(process.execPath, [main, "serve", "--port", "0", ...args], {
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const port = await listeningPort(child);
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });

  const post = (body: object, accept: string, onData: (part: Buffer) => void): Promise<void> =>
    new Promise((resolve, reject) => {
      const call = request({
        ...{ agent, port, host: "127.0.0.1", method: "POST", path: "/v1/executions" },
        headers: { "content-type": "application/json", accept },
      });
      call.on("error", reject);
      call.on("response", (response) => {
        response.on("data", onData);
        response.on("error", reject);
        response.on("end", () =>
          response.statusCode === 200 ? resolve() : reject(new Error(`HTTP ${response.statusCode}`)),
        );
      });
      call.end(JSON.stringify(body));
    });

  return {
    pid: child.pid ?? 0,
    async execute(code, language = "python") {
      const parts: Buffer[] = [];
      await post({ language, code }, "application/json", (part) => parts.push(part));
      const execution = finishedExecutionSchema.parse(JSON.parse(Buffer.concat(parts).toString()));
      const { outcome } = execution;
      if (outcome.kind !== "exited" || outcome.code !== 0)
        throw new Error(`${JSON.stringify(outcome)} ${execution.stderr}`);
      return execution.stdout;
    },
    async stream(code, limits) {
      let bytes = 0;
      let rest = "";
      await post({ language: "python", code, limits }, "text/event-stream", (part) => {
        const blocks = (rest + part.toString("latin1")).split("\n\n");
        rest = blocks.pop() ?? "";
        for (const block of blocks) {
          const data = /^data: (.*)$/m.exec(block)?.[1];
          if (data === undefined) continue;
          const event = executionEventSchema.parse(JSON.parse(data));
          if (event.type === "stdout") bytes += event.text.length;
        }
      });
      return bytes;
    },
    async stop() {
      agent.destroy();
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function listeningPort(child: ChildProcess): Promise<number> {
  let text = "";
  if (child.stderr === null) throw new Error("the server has no standard error");
  for await (const part of child.stderr) {
    text += String(part);
    const port = /listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(text)?.[1];
    if (port === undefined) continue;
    child.stderr.resume();
    return Number(port);
  }
  throw new Error(`the server did not start: ${text}`);
}
