import { readdirSync } from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { type AttackGround, openGround } from "../support/attack-ground.ts";
import { proves } from "../support/attack-proof.ts";
import { stretched } from "../support/host-slowness.ts";
import { untilPrinted } from "../support/sandboxes.ts";

let ground: AttackGround;
beforeAll(async () => {
  ground = await openGround();
});
afterAll(() => ground.close());

const connect = `
def connect(address, kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_UNIX, kind) as probe:
        probe.settimeout(2)
        probe.connect(address)
`;

describe("local sockets", () => {
  const knock = `${connect}
found["host abstract"] = outcome(lambda: connect("\\0" + target["abstract"]))
found["host pathname"] = outcome(lambda: connect(target["pathname"]))
if "neighbour" in target:
    found["neighbour abstract"] = outcome(lambda: connect("\\0" + target["neighbour"]))
    found["neighbour pathname"] = outcome(lambda: connect("/tmp/" + target["neighbour"]))
found["listed"] = [name for name in (target["abstract"], target.get("neighbour", "no neighbour")) if name in open("/proc/net/unix").read()]
finish()
`;

  proves("sockets.abstract-and-pathname", "", async () => {
    const { report } = await ground.attack({ code: knock });
    const abstract = "ECONNREFUSED";
    expect(report).toEqual({
      "host abstract": abstract,
      "host pathname": "ENOENT",
      "neighbour abstract": abstract,
      "neighbour pathname": "ENOENT",
      listed: [],
    });
    const { report: control } = await ground.control(knock);
    expect(control).toEqual({
      "host abstract": "ok",
      "host pathname": "ok",
      listed: [ground.canaries.target.abstract],
    });
  });

  proves("sockets.nursery", "", async () => {
    const { report } = await ground.attack({
      code: `${connect}
for path in ("/run/glovebox/host.sock", "/var/run/glovebox/host.sock", "/run/docker.sock", "/run/systemd/private", "/proc/1/root/run/glovebox/host.sock"):
    found[path] = outcome(lambda: connect(path))
found["names"] = sorted(set(line.split()[-1] for line in open("/proc/net/unix").read().splitlines()[1:] if len(line.split()) > 7))
finish()
`,
    });
    const { names, ...answers } = report;
    expect([names, [...new Set(Object.values(answers))]]).toEqual([[], ["ENOENT"]]);
  });

  proves("sockets.reception", "", async () => {
    const path = hostSocket();
    const greetings = [
      Buffer.alloc(0),
      Buffer.from("GET / HTTP/1.1\r\n\r\n"),
      Buffer.from([0xff, 0xff, 0xff, 0xff, 0x01]),
      frame(0x01, { id: "0".repeat(24) }),
      frame(0x01, { id: "__proto__" }),
      frame(0x01, ["not", "an", "object"]),
      frame(0x30, { outcome: { kind: "exited", code: 0, violations: [] } }),
      Buffer.concat([frame(0x01, {}), frame(0x30, {})]),
    ];
    const answers: string[] = [];
    // The program runs until all have knocked, however long that takes.
    const { execution } = await ground.attack({
      code: `
signal.signal(signal.SIGINT, lambda *_: (os.write(1, b"unharmed\\n"), os._exit(0)))
print("ready", flush=True)
while True: signal.pause()
`,
      limits: { timeoutMs: stretched(60_000) },
      during: async (run) => {
        await untilPrinted(run, "ready\n");
        for (const greeting of greetings.slice(1)) answers.push(await greet(path, greeting));
        run.cancel({ graceMs: stretched(20_000) });
      },
    });
    expect([execution.outcome.kind, execution.stdout]).toEqual(["cancelled", "ready\nunharmed\n"]);
    expect(answers).toEqual(greetings.slice(1).map(() => ""));
  });
});

/** The socket on which the instance of this process hears of its sandboxes. */
function hostSocket(): string {
  const root = join(tmpdir(), `glovebox-${process.getuid?.()}`);
  const found = readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((path) => path.startsWith(`${process.pid}-`) && path.endsWith("host.sock"))
    .at(-1);
  if (found === undefined) throw new Error("no socket of this instance");
  return join(root, found);
}

function frame(kind: number, payload: unknown): Buffer {
  const body = Buffer.from(JSON.stringify(payload));
  const header = Buffer.alloc(5);
  header.writeUInt32BE(body.length, 0);
  header.writeUInt8(kind, 4);
  return Buffer.concat([header, body]);
}

/** What comes back for a greeting until the other side hangs up. */
function greet(path: string, greeting: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = createConnection(path, () => socket.write(greeting));
    socket.on("data", (chunk) => {
      answer += chunk.toString("latin1");
    });
    socket.on("error", (error) =>
      (error as NodeJS.ErrnoException).code === "ECONNRESET" ? resolve(answer) : reject(error),
    );
    socket.on("close", () => resolve(answer));
  });
}
