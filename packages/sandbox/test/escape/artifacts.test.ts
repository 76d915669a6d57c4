import { execFileSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from "vitest";
import { type AttackGround, openGround } from "../support/attack-ground.ts";
import { proves } from "../support/attack-proof.ts";

let ground: AttackGround;
let folder: string;
beforeAll(async () => {
  ground = await openGround();
});
afterAll(() => ground.close());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "artifacts-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Everything below the folder, with what it is. */
function found(): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => `${lstatSync(join(folder, name)).isFile() ? "file" : "other"} ${name}`)
    .sort();
}

const links = `
os.mkdir("inside")
os.symlink(target["file"], "to-file")
os.symlink(target["folder"], "to-folder")
os.symlink("/etc/shadow", "to-shadow")
os.symlink("/etc/passwd", "to-passwd")
os.symlink("/proc/self/environ", "inside/to-environment")
os.symlink("/proc/1/root" + target["file"], "inside/to-warden")
os.symlink("..", "inside/up")
os.symlink("loop", "loop")
os.symlink("/usr/bin/python3", "to-python")
found["hard"] = outcome(lambda: os.link("/etc/passwd", "hard"))
found["hard usr"] = outcome(lambda: os.link("/usr/bin/python3", "hard-usr"))
open("real", "w").write("real")
os.link("real", "real-twice")
finish()
`;

describe("artifacts", () => {
  for (const collect of [false, true]) {
    const where = collect ? "written to a folder" : "measured";

    proves("artifacts.links", where, async () => {
      const { execution, report } = await ground.attack({ code: links, run: collect ? { artifactsDir: folder } : {} });
      expect(["EXDEV", "EPERM"]).toContain(report.hard);
      expect(["EXDEV", "EPERM"]).toContain(report["hard usr"]);
      expect(execution.artifacts.map(({ path, size }) => [path, size])).toEqual([
        ["real", 4],
        ["real-twice", 4],
      ]);
      expect(execution.outcome.kind).toBe("exited");
      expect(execution.warnings.filter((line) => line.includes("not a regular file"))).toHaveLength(9);
      expect(found()).toEqual(collect ? ["file real", "file real-twice"] : []);
    });

    proves("artifacts.special-files", where, async () => {
      const { execution, report } = await ground.attack({
        code: `
found["pipe"] = outcome(lambda: os.mkfifo("pipe"))
listener = socket.socket(socket.AF_UNIX)
listener.bind("socket")
listener.listen()
if os.fork() == 0:
    os.open("pipe", os.O_RDWR)  # so that a reader of the pipe would wait for ever
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    time.sleep(600)
import stat
for name, kind, device in (("disk", stat.S_IFBLK, (254, 0)), ("memory", stat.S_IFCHR, (1, 1)), ("zero", stat.S_IFCHR, (1, 5))):
    found[name] = outcome(lambda: os.mknod(name, kind | 0o666, os.makedev(*device)))
open("real", "w").write("real")
finish()
`,
        run: collect ? { artifactsDir: folder } : {},
      });
      expect(report).toEqual({ pipe: "ok", disk: "EPERM", memory: "EPERM", zero: "EPERM" });
      expect(execution.warnings).toEqual(
        ["pipe", "socket"].map((name) => `artifact "${name}" was left out: not a regular file`),
      );
      expect(execution.artifacts.map(({ path }) => path)).toEqual(["real"]);
      expect(found()).toEqual(collect ? ["file real"] : []);
    });

    proves("artifacts.names", where, async () => {
      const { execution } = await ground.attack({
        code: `
for name in (b"new\\nline", b"bell\\x07", b"escape\\x1b[2J", b"not-utf8-\\xff\\xfe", b"\\xed\\xa0\\x80", b"tab\\t", b"right\\xe2\\x80\\xaeleft", b"delete\\x7f", b"nul-like\\xc0\\x80"):
    open(name, "w").write("x")
for name in ("...", "..x", "x..", "..\\\\..\\\\windows", " ", "~", "-rf", "C:", "__proto__", "constructor", "%2e%2e", "a" * 255, "é", "🙂"):
    open(name, "w").write("x")
os.mkdir("deep")
os.chdir("deep")
open("__proto__", "w").write("x")
`,
        run: collect ? { artifactsDir: folder } : {},
      });
      const good = [
        "...",
        "..x",
        "x..",
        "..\\..\\windows",
        " ",
        "~",
        "-rf",
        "C:",
        "__proto__",
        "constructor",
        "%2e%2e",
        "a".repeat(255),
        "é",
        "🙂",
        "deep/__proto__",
      ];
      expect(execution.artifacts.map(({ path }) => path).sort()).toEqual([...good].sort());
      expect(execution.warnings.filter((line) => line.includes("cannot be printed"))).toHaveLength(9);
      for (const line of execution.warnings) expect(/\p{C}/u.test(line)).toBe(false);
      if (collect) expect(found()).toEqual([...good.map((name) => `file ${name}`), "other deep"].sort());
      expect(existsSync(join(folder, "..", "windows"))).toBe(false);
    });

    proves("artifacts.deep-trees", where, async () => {
      const { execution } = await ground.attack({
        code: `
depth = 0
try:
    while depth < 3000:
        os.mkdir("d")
        os.chdir("d")
        depth += 1
    open("bottom", "w").write("x")
except OSError:
    pass
os.chdir("/workspace")
open("top", "w").write("x")
report(depth=depth)
`,
        limits: { diskBytes: 1 << 24 },
        run: collect ? { artifactsDir: folder } : {},
      });
      expect(execution.outcome.kind).toBe("exited");
      expect(execution.artifacts.map(({ path }) => path)).toEqual(["top"]);
      expect(found()).toEqual(collect ? ["file top"] : []);
    });

    proves("artifacts.long-paths", where, async () => {
      const { execution } = await ground.attack({
        code: `
for part in range(10):
    os.mkdir(str(part) * 250)
    os.chdir(str(part) * 250)
    open("here", "w").write("x")
os.chdir("/workspace")
for part in range(10):  # each letter counts double in the host's strings
    os.mkdir("🙂" * 60)
    os.chdir("🙂" * 60)
    open("here", "w").write("x")
`,
        run: collect ? { artifactsDir: folder } : {},
      });
      expect(execution.outcome).toEqual({ kind: "exited", code: 0, violations: [], stage: "run" });
      const lengths = execution.artifacts.map(({ path }) => [...path].length);
      expect(lengths).toEqual([255, 65, 126, 187, 248, 309, 370, 431, 492]);
      expect(execution.warnings.filter((line) => line.includes("the path has more than 500 characters"))).toHaveLength(
        11,
      );
      expect(found().filter((name) => name.startsWith("file"))).toHaveLength(collect ? 9 : 0);
    });

    proves("artifacts.sparse", where, async () => {
      const { execution, report } = await ground.attack({
        code: `
made = 0
for number in range(200):
    with open(f"hole-{number:03}", "wb") as file:
        try:
            file.truncate(1 << 23)
            made += 1
        except OSError as error:
            report(refused=said(error.errno))
report(made=made)
`,
        limits: { diskBytes: 1 << 23 },
        run: collect ? { artifactsDir: folder } : {},
      });
      expect(report).toEqual({ made: 200 });
      // All of them together may come out as large as the disk limit, and no larger.
      expect(execution.artifacts.map(({ path, size }) => [path, size])).toEqual([["hole-000", 1 << 23]]);
      expect(execution.warnings).toEqual([
        "199 artifacts were left out: the artifacts together exceed the disk limit " +
          '("hole-001", "hole-002", "hole-003" and 97 more); 99 more that are not listed',
      ]);
      expect(found()).toEqual(collect ? ["file hole-000"] : []);
    });
  }

  proves("artifacts.holes", "", async () => {
    const { execution, report } = await ground.attack({
      code: `
for name, size in (("small", 1 << 20), ("huge", 200 << 20), ("content", 0)):
    with open(name, "wb") as file:
        file.truncate(size)
        file.seek(size)
        file.write(b"x")
report(made=3)
`,
      limits: { diskBytes: 1 << 28 },
    });
    expect(report).toEqual({ made: 3 });
    expect(execution.outcome).toEqual({ kind: "exited", code: 0, violations: [], stage: "run" });
    expect(execution.artifacts.map(({ path, size }) => [path, size])).toEqual([
      ["content", 1],
      ["small", (1 << 20) + 1],
    ]);
    expect(execution.warnings).toEqual([
      'artifact "huge" was left out: the artifacts together have holes of more than 64 MiB',
    ]);
  });

  proves("artifacts.many", "", async () => {
    const { execution } = await ground.attack({
      code: `
for number in range(5000):
    os.close(os.open(f"file-{number:05}", os.O_CREAT | os.O_WRONLY))
`,
      run: { artifactsDir: folder },
    });
    expect(execution.artifacts).toHaveLength(1_000);
    expect(execution.warnings.length).toBeLessThanOrEqual(101);
    expect(found()).toHaveLength(1_000);
  });

  proves("artifacts.permissions", "", async () => {
    const { execution } = await ground.attack({
      code: `
open("secret", "w").write("x")
os.mkdir("closed")
open("closed/inner", "w").write("x")
os.chmod("secret", 0)
os.chmod("closed", 0)
os.chmod("/workspace", 0)
`,
      run: { artifactsDir: folder },
    });
    expect(execution.outcome).toEqual({ kind: "exited", code: 0, violations: [], stage: "run" });
    expect(execution.artifacts.map(({ path }) => path)).toEqual(["closed/inner", "secret"]);
    expect(lstatSync(join(folder, "secret")).mode & 0o7777 & ~0o644).toBe(0);
  });

  proves("artifacts.planted-on-host", "", async () => {
    const canary = ground.canaries;
    const outside = mkdtempSync(join(tmpdir(), "outside-"));
    symlinkSync(canary.folder, join(folder, "linked-folder"));
    symlinkSync(String(canary.target.file), join(folder, "linked-file"));
    symlinkSync(join(outside, "made"), join(folder, "dangling"));
    symlinkSync(outside, join(folder, "outer"));
    mkdirSync(join(folder, "folder"));
    mkdirSync(join(folder, "real"));
    symlinkSync(outside, join(folder, "real", "inner"));
    execFileSync("/usr/bin/mkfifo", [join(folder, "pipe")]);
    writeFileSync(join(folder, "plain"), "old content that is longer");
    const { execution } = await ground.attack({
      code: `
for name in ("linked-folder/secret", "linked-file", "dangling", "outer/made", "folder", "real/inner/made", "real/fine", "pipe", "plain"):
    os.makedirs(os.path.dirname("/workspace/" + name), exist_ok=True)
    open(name, "w").write("planted")
`,
      run: { artifactsDir: folder },
    });
    expect(execution.outcome.kind).toBe("exited");
    expect(execution.artifacts.map(({ path }) => path)).toEqual(["plain", "real/fine"]);
    expect(execution.warnings.filter((line) => line.includes("could not be written"))).toHaveLength(7);
    expect(readdirSync(outside)).toEqual([]);
    expect(readFileSync(join(folder, "plain"), "utf8")).toBe("planted");
    rmSync(outside, { recursive: true });
  });
});
