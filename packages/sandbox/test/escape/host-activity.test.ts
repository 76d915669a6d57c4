import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { type AttackGround, openGround } from "../support/attack-ground.ts";
import { proves } from "../support/attack-proof.ts";

/** A process of the host with a lock of an open file, which the kernel shows to everybody. */
const holderProgram = `
import fcntl, struct, sys, tempfile
file = tempfile.TemporaryFile()
fcntl.fcntl(file, 37, struct.pack("hhqqi4x", 1, 0, 12345, 777, 0))
print("held", flush=True)
sys.stdin.read()
`;

let holder: ChildProcess;
let ground: AttackGround;
beforeAll(async () => {
  // Before the ground, which counts the processes of the host.
  holder = spawn("/usr/bin/python3", ["-I", "-c", holderProgram], { stdio: ["pipe", "pipe", "inherit"] });
  if (holder.stdout === null) throw new Error("the holder has no output");
  expect(String(await once(holder.stdout, "data"))).toBe("held\n");
  ground = await openGround();
});
afterAll(async () => {
  const ended = once(holder, "close");
  holder.stdin?.end();
  await ended;
  await ground.close();
});

const read = `
def content(path):
    with open(path, "rb") as file:
        return file.read()
`;

describe("what the host and others do", () => {
  proves("files.activity", "locks on files", async () => {
    const code = `${read}
report(lines=content("/proc/locks").count(b"\\n"), others=b"12345 13121" in content("/proc/locks"))
`;
    const { report } = await ground.attack({ code });
    expect(report).toEqual({ lines: 0, others: false });
    expect((await ground.control(code)).report).toMatchObject({ others: true });
  });

  proves("files.activity", "", async () => {
    const code = `${read}
for name in ("cgroups", "diskstats", "partitions", "mdstat", "interrupts", "softirqs", "schedstat", "buddyinfo", "zoneinfo", "cmdline"):
    found[name] = outcome(lambda: len(content("/proc/" + name)))
for name in ("fs", "pressure"):
    found[name] = outcome(lambda: len(os.listdir("/proc/" + name)))
finish()
`;
    const { report } = await ground.attack({ code });
    for (const [name, answer] of Object.entries(report))
      expect([name, ["ok", "ENOENT"]]).toEqual([name, expect.arrayContaining([answer])]);
    const { report: control } = await ground.control(code);
    for (const name of ["interrupts", "softirqs", "zoneinfo", "cmdline"]) {
      expect([name, control[name]]).toEqual([name, expect.any(Number)]);
    }
  });
});
