import { linkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { type AttackGround, openGround } from "../support/attack-ground.ts";
import { prelude } from "../support/attack-prelude.ts";
import { proves } from "../support/attack-proof.ts";
import { stretched } from "../support/host-slowness.ts";
import { untilPrinted } from "../support/sandboxes.ts";

let ground: AttackGround;
beforeAll(async () => {
  ground = await openGround();
});
afterAll(() => ground.close());

const MIB = 1024 * 1024;

/** A file of the host that everybody may read, so that only its size stands against linking it. */
function hostFile(bytes: number): string {
  const path = join(ground.canaries.folder, `database-${bytes}`);
  writeFileSync(path, "content", { mode: 0o644 });
  truncateSync(path, bytes);
  return path;
}

/** Takes both kinds of locks that a file open for reading allows, and says so. */
const lock = (path: string) => `
import fcntl
whole = open(${JSON.stringify(path)}, "rb")
fcntl.flock(whole, fcntl.LOCK_EX)
fcntl.lockf(whole, fcntl.LOCK_SH)
report(held=True)
`;

/** What a writer of the host gets that will not wait. */
const write = (path: string) => `
import fcntl
own = open(${JSON.stringify(path)}, "r+b")
report(
    flock=outcome(lambda: fcntl.flock(own, fcntl.LOCK_EX | fcntl.LOCK_NB)),
    lockf=outcome(lambda: fcntl.lockf(own, fcntl.LOCK_EX | fcntl.LOCK_NB)),
)
`;

describe("locks on input files", () => {
  proves("files.input-locks", "", async () => {
    const path = hostFile(2 * MIB);
    let writer: unknown;
    const { report } = await ground.attack({
      code: `${lock("database")}
signal.signal(signal.SIGINT, lambda *_: sys.exit(0))
time.sleep(600)
`,
      files: [{ name: "database", path }],
      limits: { timeoutMs: stretched(60_000) },
      during: async (run) => {
        try {
          await untilPrinted(run, "}\n");
          writer = (await ground.control(write(path))).report;
        } finally {
          run.cancel({ graceMs: 2_000 });
        }
      },
    });
    expect([report, writer]).toEqual([{ held: true }, { flock: "ok", lockf: "ok" }]);
  });

  proves("files.input-locks", "control: a lock through a link holds the host up", async () => {
    const path = hostFile(3 * MIB);
    const second = `${path}-linked`;
    linkSync(path, second);
    const probe = JSON.stringify(prelude + write(path));
    const { report } = await ground.control(`${lock(second)}
import subprocess
subprocess.run([sys.executable, "-I", "-c", ${probe}], check=True)
`);
    expect(report).toEqual({ held: true, flock: "EAGAIN", lockf: "EAGAIN" });
  });
});
