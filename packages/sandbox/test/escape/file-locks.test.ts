import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AttackGround, openGround } from "../support/attack-ground.ts";
import { proves } from "../support/attack-proof.ts";
import { stretched } from "../support/host-slowness.ts";

let ground: AttackGround;
beforeAll(async () => {
  ground = await openGround();
});
afterAll(() => ground.close());

/** Takes LOCKS locks, 100 to a file, because each is compared with all others of its file; then computes for a while. */
const take = `
import fcntl, tempfile
held = []
locks = int(os.environ.get("LOCKS", 5000))
for number in range(locks):
    if number % 100 == 0:
        held.append(tempfile.TemporaryFile())
    fcntl.lockf(held[-1], fcntl.LOCK_EX, 1, 2 * (100 - number % 100))
report(locks=locks)
while time.process_time() < float(os.environ.get("COMPUTES", 0)):
    pass
`;
const timeoutMs = stretched(20_000);
const stopped = "the program held more than 4096 locks on files, which are memory of the kernel, and was stopped";

describe("locks on files", () => {
  proves("memory.file-locks", "", async () => {
    const { execution } = await ground.attack({ code: take, env: { COMPUTES: "3600" }, limits: { timeoutMs } });
    expect(execution.outcome).toEqual({ kind: "out-of-memory", violations: [], stage: "run" });
    expect(execution.warnings).toEqual([stopped]);
    expect((await ground.control(take)).report).toEqual({ locks: 5000 });
  });

  proves("memory.file-locks", "of many processes together", async () => {
    const code = `
for _ in range(9):
    if os.fork() == 0:
        break
${take}
`;
    const limits = { timeoutMs, processes: 16 };
    const { execution } = await ground.attack({ code, env: { LOCKS: "500", COMPUTES: "3600" }, limits });
    expect(execution.outcome).toEqual({ kind: "out-of-memory", violations: [], stage: "run" });
    expect(execution.warnings).toEqual([stopped]);
  });

  proves("memory.file-locks", "none without a process that holds it", async () => {
    const code = `
import tempfile
file = tempfile.TemporaryFile()
whole = struct.pack("hhqqi4x", 1, 0, 0, 1, 0)
for name, command in {"wait not": 37, "wait": 38}.items():
    for upper in (0, 1 << 32, 0xFFFFFFFF << 32):
        trial(f"of the open file, {name} {upper >> 32}", lambda: syscall("fcntl", file.fileno(), command | upper, whole))
def shared(flags):
    child = syscall("clone", flags | signal.SIGCHLD, 0, 0, 0, 0)
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
trial("of one that has ended", lambda: shared(0x400))
trial("of one that has ended, high", lambda: shared(0x400 | 1 << 40))
finish()
`;
    const { report } = await ground.attack({ code });
    const ofFiles = ["wait not", "wait"].flatMap((name) =>
      [0, 1, 0xffffffff].map((upper) => `of the open file, ${name} ${upper}`),
    );
    const ofTheDead = ["of one that has ended", "of one that has ended, high"];
    const all = (names: readonly string[], answer: string) => Object.fromEntries(names.map((name) => [name, answer]));
    expect(report).toEqual({ ...all(ofFiles, "EINVAL"), ...all(ofTheDead, "EPERM") });
    expect((await ground.control(code)).report).toEqual(all([...ofFiles, ...ofTheDead], "ok"));
  });

  it("lets a program have thousands of locks, for as long as it computes", async () => {
    const { execution, report } = await ground.attack({
      code: take,
      env: { LOCKS: "4000", COMPUTES: "1" },
      limits: { timeoutMs },
    });
    expect(report).toEqual({ locks: 4000 });
    expect(execution.outcome).toEqual({ kind: "exited", code: 0, violations: [], stage: "run" });
    expect(execution.warnings).toEqual([]);
  });

  it("lets a database lock its file", async () => {
    const { report } = await ground.attack({
      code: `
import sqlite3
def other():
    with sqlite3.connect("base", timeout=0) as second:
        second.execute("insert into t values (2)")
with sqlite3.connect("base") as first:
    first.execute("create table t (a)")
    first.commit()
    first.execute("insert into t values (1)")
    try:
        other()
    except sqlite3.OperationalError as error:
        found["while the first writes"] = str(error)
other()
found["rows"] = first.execute("select a from t order by a").fetchall()
finish()
`,
    });
    expect(report).toEqual({ "while the first writes": "database is locked", rows: [[1], [2]] });
  });

  proves("files.leases", "", async () => {
    const code = `
import tempfile
folder = tempfile.TemporaryDirectory()
def lease(command, kind):
    path = os.path.join(folder.name, "own")
    with open(path, "w"):
        pass
    return syscall("fcntl", os.open(path, os.O_RDONLY), command, kind)
for name, kind in {"read": 0, "write": 1}.items():
    for upper in (0, 1 << 32, 0xFFFFFFFF << 32):
        trial(f"{name} {upper >> 32}", lambda: lease(1024 | upper, kind))
# Newer kernels have these for folders; others do not know the number.
trial("delegation", lambda: syscall("fcntl", os.open(folder.name, os.O_RDONLY), 1040, bytes(8)))
finish()
`;
    const { report } = await ground.attack({ code });
    const names = ["read", "write"].flatMap((name) => [0, 1, 0xffffffff].map((upper) => `${name} ${upper}`));
    const answers = (answer: string) => Object.fromEntries(names.map((name) => [name, answer]));
    expect(report).toEqual({ ...answers("EPERM"), delegation: "EPERM" });
    expect((await ground.control(code)).report).toMatchObject(answers("ok"));
  });
});
