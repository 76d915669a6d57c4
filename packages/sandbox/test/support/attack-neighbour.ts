import { randomUUID } from "node:crypto";
import type { Run, Sandboxes } from "../../src/index.ts";
import { stretched } from "./host-slowness.ts";

/** Holds what an attacker would want, counts who comes, and says at its end whether all is as it was. */
const program = `
import json, os, select, signal, socket
name = os.environ["NAME"]
ending = []
signal.signal(signal.SIGINT, lambda *_: ending.append(True))
secret = open("secret").read()
def listen(family, address):
    listener = socket.socket(family)
    listener.bind(address)
    listener.listen(16)
    return listener
listeners = [listen(socket.AF_UNIX, "\\0" + name), listen(socket.AF_UNIX, "/tmp/" + name), listen(socket.AF_INET, ("127.0.0.1", 7777))]
terminal, other_end = os.openpty()
os.close(os.open("/dev/shm/" + name, os.O_CREAT | os.O_WRONLY))
visitors = beats = typed = 0
print("ready", os.ttyname(other_end), flush=True)
while not (ending and beats):
    for ready in select.select([terminal, *listeners], [], [], 0.02)[0]:
        if ready == terminal:
            typed += len(os.read(terminal, 4096))
        else:
            ready.accept()
            visitors += 1
    beats += 1
processes = [int(pid) for pid in os.listdir("/proc") if pid.isdigit()]
print(json.dumps({
    "secret": open("secret").read() == secret, "visitors": visitors, "typed": typed, "beating": beats > 0,
    "alone": processes == [os.getpid()], "workspace": os.listdir("."), "tmp": os.listdir("/tmp"), "shm": os.listdir("/dev/shm"),
}))
`;

export interface Neighbour {
  /** What an attacker is told of it. */
  readonly target: Readonly<Record<string, string>>;
  readonly secret: string;
  /** Ends it and returns what it found. Fails when it did not live to tell. */
  finish(): Promise<{ readonly report: unknown; readonly expected: unknown }>;
}

/** Starts a program in another sandbox of the same instance and waits until it is at work. */
export async function moveIn(sandboxes: Sandboxes): Promise<Neighbour> {
  const secret = `neighbour-${randomUUID()}`;
  const name = `socket-${randomUUID()}`;
  const run = sandboxes.execute({
    code: program,
    files: [{ name: "secret", content: secret }],
    env: { NAME: name, SECRET: secret },
    args: [secret],
    limits: { timeoutMs: stretched(60_000) },
  });
  const terminal = await readiness(run);
  return {
    target: { neighbour: name, neighbourTerminal: terminal },
    secret,
    async finish() {
      run.cancel({ graceMs: stretched(20_000) });
      const { outcome, stdout, stderr } = await run.result;
      const last = stdout.trim().split("\n").at(-1) ?? "";
      if (outcome.kind !== "cancelled" || !last.startsWith("{")) {
        throw new Error(`the neighbour was harmed: ${JSON.stringify(outcome)} ${stdout} ${stderr}`);
      }
      const undisturbed = { secret: true, visitors: 0, typed: 0, beating: true, alone: true };
      const expected = { ...undisturbed, workspace: ["secret"], tmp: [name], shm: [name] };
      return { report: JSON.parse(last), expected };
    },
  };
}

/** The path of the neighbour's terminal, once it is at work; goes on reading its events to the end. */
function readiness(run: Run): Promise<string> {
  return new Promise((resolve, reject) => {
    let seen = "";
    const read = async () => {
      for await (const event of run.events()) {
        if (event.type !== "stdout") continue;
        seen += Buffer.from(event.data).toString();
        const match = /^ready (.*)\n/.exec(seen);
        if (match !== null) resolve(match[1] ?? "");
      }
      reject(new Error("the neighbour ended before it was at work"));
    };
    read().catch(reject);
  });
}
