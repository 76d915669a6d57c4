import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { stretched } from "./host-slowness.ts";

/** Listens wherever a program could knock, counts who came, and answers each line of input with the counts. */
const listenerProgram = `
import json, os, select, socket, sys
folder, name = sys.argv[1:]
def stream(family, address):
    listener = socket.socket(family)
    listener.bind(address)
    listener.listen(16)
    return listener
path = folder + "/canary.sock"
listeners = {"abstract": stream(socket.AF_UNIX, "\\0" + name), "pathname": stream(socket.AF_UNIX, path),
             "tcp4": stream(socket.AF_INET, ("127.0.0.1", 0)), "any4": stream(socket.AF_INET, ("0.0.0.0", 0))}
os.chmod(path, 0o666)
try:
    listeners["tcp6"] = stream(socket.AF_INET6, ("::1", 0))
except OSError:
    pass
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind(("127.0.0.1", 0))
counts = dict.fromkeys([*listeners, "udp4"], 0)
ports = {kind: one.getsockname()[1] for kind, one in listeners.items() if one.family != socket.AF_UNIX}
print(json.dumps({**ports, "udp4": udp.getsockname()[1]}), flush=True)
while True:
    ready = select.select([0, udp, *listeners.values()], [], [])[0]
    for kind, listener in listeners.items():
        if listener in ready:
            listener.accept()[0].close()
            counts[kind] += 1
    if udp in ready:
        udp.recv(65536)
        counts["udp4"] += 1
    if 0 in ready and listeners and len(ready) == 1:
        if not os.read(0, 4096):
            break
        print(json.dumps(counts), flush=True)
`;

/** How a process of the host ended. */
interface HostRun {
  readonly stdout: string;
  readonly code: number;
  readonly signal: string | null;
}

/** What stands on the host for attackers to find: secrets, and listeners that count who reached them. */
export interface HostCanaries {
  /** What an attacker is told: where the canaries are, never what they hold. */
  readonly target: Readonly<Record<string, string | number>>;
  /** Words that must never come out of a sandbox. */
  readonly secrets: readonly string[];
  readonly folder: string;
  /** Connections and datagrams that reached a listener since the start, by listener. */
  visits(): Promise<Record<string, number>>;
  /** True while the secret file is as it was made. */
  untouched(): boolean;
  /**
   * Runs a program as a plain process of the host, without any wall, and returns its output: what the
   * attack would see if nothing stood in its way. `wrapper` is a command line to put in front.
   */
  control(code: string, wrapper?: readonly string[]): Promise<HostRun>;
  /** The same for any command. `cwd` is the canaries' folder unless it is named. */
  run(command: readonly string[], env?: Readonly<Record<string, string>>, cwd?: string): Promise<HostRun>;
  remove(): Promise<void>;
}

const environmentName = "HOST_CANARY";

export async function plantCanaries(): Promise<HostCanaries> {
  const folder = mkdtempSync(join(tmpdir(), "canary-"));
  chmodSync(folder, 0o755);
  const fileSecret = `file-${randomUUID()}`;
  const environmentSecret = `environment-${randomUUID()}`;
  const name = `canary-${randomUUID()}`;
  const file = join(folder, "secret");
  writeFileSync(file, fileSecret, { mode: 0o644 });
  chmodSync(file, 0o644);
  process.env[environmentName] = environmentSecret;
  const planted = statSync(file);
  const listener = spawn("/usr/bin/python3", ["-I", "-c", listenerProgram, folder, name], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = lineReader(listener);
  const ports = JSON.parse(await lines()) as Record<string, number>;
  const target = {
    folder,
    file,
    abstract: name,
    pathname: join(folder, "canary.sock"),
    pid: process.pid,
    listener: listener.pid ?? 0,
    ...ports,
  };
  /** In a session of its own: what a control does to its process group must not reach the tests. */
  const run: HostCanaries["run"] = ([command = "", ...args], extra = {}, cwd = folder) => {
    const env = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LANG: "C.UTF-8", TARGET: JSON.stringify(target), ...extra };
    const child = spawn(command, args, { env, cwd, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    const said: Record<"stdout" | "stderr", string[]> = { stdout: [], stderr: [] };
    child.stdout.setEncoding("utf8").on("data", (text: string) => said.stdout.push(text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => said.stderr.push(text));
    const tooLong = setTimeout(() => child.kill("SIGKILL"), stretched(30_000));
    return new Promise((resolve, reject) => {
      child.on("error", reject).on("close", (code, signal) => {
        clearTimeout(tooLong);
        const failed = code !== 0 && said.stdout.length === 0;
        resolve({ stdout: said[failed ? "stderr" : "stdout"].join(""), code: code ?? -1, signal });
      });
    });
  };
  return {
    target,
    run,
    secrets: [fileSecret, environmentSecret],
    folder,
    async visits() {
      listener.stdin?.write("\n");
      return JSON.parse(await lines()) as Record<string, number>;
    },
    untouched() {
      const now = statSync(file);
      const same =
        now.ino === planted.ino && now.mtimeMs === planted.mtimeMs && now.nlink === 1 && now.mode === planted.mode;
      return same && readFileSync(file, "utf8") === fileSecret;
    },
    control: (code, wrapper = []) => run([...wrapper, "/usr/bin/python3", "-I", "-c", code]),
    async remove() {
      delete process.env[environmentName];
      const ended = new Promise((resolve) => listener.once("close", resolve));
      listener.stdin?.end();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Reads the lines a process writes, one for each call. */
function lineReader(child: ChildProcess): () => Promise<string> {
  if (child.stdout === null) throw new Error("the process has no output");
  const iterator = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return async () => {
    const { value, done } = await iterator.next();
    if (done === true) throw new Error("the host's canary listener ended");
    return value;
  };
}
