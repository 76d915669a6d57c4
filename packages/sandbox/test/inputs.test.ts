// Depends on: identity.
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  constants,
  copyFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { ExecutionSpec } from "../src/index.ts";
import { problemOf, program, sharedSandboxes, temporaryFolder, untilPrinted } from "./support/sandboxes.ts";
import { sha256 } from "./support/sha256.ts";
import { staged } from "./support/staged.ts";

const MIB = 1024 * 1024;
const folder = temporaryFolder();
const sandboxes = sharedSandboxes();
const run = (spec: ExecutionSpec) => sandboxes().execute(spec).result;

const tell = program(
  "import hashlib, os, sys",
  "for path in sys.argv[1:]:",
  "    content = open(path, 'rb').read()",
  "    print(path, len(content), hashlib.sha256(content).hexdigest())",
);

/** Whether the file system shares blocks between files: then nothing is linked. */
function clones(path: string): boolean {
  try {
    copyFileSync(path, `${path}-clone`, constants.COPYFILE_FICLONE_FORCE);
    rmSync(`${path}-clone`);
    return true;
  } catch {
    return false;
  }
}

describe("an input file", () => {
  it("from memory lies in the working directory with its content, text or binary", async () => {
    const binary = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
    const files = [
      { name: "text.txt", content: "grüße\n" },
      { name: "binary", content: binary },
      { name: "empty", content: "" },
      { name: "name with spaces and ünïcode €", content: "x" },
    ];
    const execution = await run({ code: tell, files, args: files.map((file) => file.name) });
    expect(execution.stdout).toBe(
      [
        `text.txt 8 ${sha256("grüße\n")}`,
        `binary 256 ${sha256(binary)}`,
        `empty 0 ${sha256("")}`,
        `name with spaces and ünïcode € 1 ${sha256("x")}`,
        "",
      ].join("\n"),
    );
  });

  it("may be changed, replaced and removed by the program when it is small", async () => {
    const code = program(
      "import os",
      "open('a', 'a').write('+')",
      "os.rename('b', 'c')",
      "os.remove('d')",
      "print(sorted(os.listdir()))",
    );
    const files = ["a", "b", "d"].map((name) => ({ name, content: name }));
    const execution = await run({ code, files });
    expect(execution.stdout).toBe("['a', 'c']\n");
    expect(execution.outcome.kind).toBe("exited");
  });

  it("may lie in nested folders, which the program can write to", async () => {
    const code = program(
      "open('data/raw/new.txt', 'w').write('made')",
      "open('data/new.txt', 'w').write('made')",
      "print(open('data/raw/2024/in.txt').read(), open('data/raw/in.txt').read())",
    );
    const files = [
      { name: "data/raw/2024/in.txt", content: "deep" },
      { name: "data/raw/in.txt", content: "high" },
    ];
    const execution = await run({ code, files });
    expect(execution.stdout).toBe("deep high\n");
    expect(execution.artifacts.map(({ path }) => path)).toEqual(["data/new.txt", "data/raw/new.txt"]);
  });

  it("over 1 MiB from memory is whole and cannot be changed", async () => {
    const content = randomBytes(3 * MIB);
    const code = program(
      tell,
      "for attempt in (lambda: open('big', 'ab'), lambda: os.remove('big'), lambda: os.chmod('big', 0o777)):",
      "    try: attempt(); print('done')",
      "    except OSError as error: print(type(error).__name__)",
    );
    const execution = await run({ code, files: [{ name: "big", content }], args: ["big"] });
    const [first, ...refused] = execution.stdout.trimEnd().split("\n");
    expect(first).toBe(`big ${3 * MIB} ${sha256(content)}`);
    expect(refused).not.toContain("done");
    expect(refused.length).toBe(3);
    expect(execution.artifacts).toEqual([]);
  });

  it.each([
    [
      "over 1 MiB from a path is a copy, so that no lock of the program is on the file of the host",
      2 * MIB,
      0o644,
      false,
    ],
    ["just below 64 MiB is a copy as well", 64 * MIB - 1, 0o644, false],
    ["of 64 MiB from a path is mounted as it is, if everybody may read it", 64 * MIB, 0o644, true],
    ["of 64 MiB that only its owner may read is a copy", 64 * MIB, 0o600, false],
  ])("%s", async (_promise, size, mode, linked) => {
    const path = join(folder(), "large");
    rmSync(path, { force: true });
    const content = Buffer.alloc(size, "content");
    writeFileSync(path, content, { mode });
    const code = program(tell, "print('ready', flush=True)", "sys.stdin.read()", "import time", "time.sleep(60)");
    const going = sandboxes().execute({ code, files: [{ name: "sub/big", path }], args: ["sub/big"] });
    await untilPrinted(going, "ready\n");
    const files = staged()
      .map((file) => statSync(file))
      .filter((status) => status.isFile());
    expect(files.map(({ ino }) => ino === statSync(path).ino)).toEqual([linked && !clones(path)]);
    going.cancel();
    const execution = await going.result;
    expect(execution.stdout).toBe(`sub/big ${size} ${sha256(content)}\nready\n`);
    expect(staged()).toEqual([]);
    expect(sha256(readFileSync(path))).toBe(sha256(content));
    expect(statSync(path).nlink).toBe(1);
    expect(statSync(path).mode & 0o777).toBe(mode);
  });

  it("over 1 MiB from a path that only its owner may read works too, and the original keeps its mode", async () => {
    const content = randomBytes(2 * MIB);
    const path = join(folder(), "private");
    writeFileSync(path, content, { mode: 0o600 });
    const execution = await run({ code: tell, files: [{ name: "big", path }], args: ["big"] });
    expect(execution.stdout).toBe(`big ${2 * MIB} ${sha256(content)}\n`);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(staged()).toEqual([]);
  });

  it("of exactly 1 MiB and one byte less is whole, from memory and from a path", async () => {
    for (const size of [MIB - 1, MIB]) {
      const content = randomBytes(size);
      const path = join(folder(), `sized-${size}`);
      writeFileSync(path, content);
      const files = [
        { name: "memory", content },
        { name: "path", path },
      ];
      const execution = await run({ code: tell, files, args: ["memory", "path"] });
      expect(execution.stdout).toBe(`memory ${size} ${sha256(content)}\npath ${size} ${sha256(content)}\n`);
    }
  });

  it("small, from a path, is read whatever its mode is for others", async () => {
    const path = join(folder(), "small");
    writeFileSync(path, "secret of the caller", { mode: 0o600 });
    const execution = await run({ code: "print(open('in').read())", files: [{ name: "in", path }] });
    expect(execution.stdout).toBe("secret of the caller\n");
  });

  it("named by a link of the host has the content of what the link names", async () => {
    const path = join(folder(), "target");
    writeFileSync(path, randomBytes(2 * MIB), { mode: 0o644 });
    symlinkSync(path, join(folder(), "link"));
    const execution = await run({ code: tell, files: [{ name: "in", path: join(folder(), "link") }], args: ["in"] });
    expect(execution.stdout).toBe(`in ${2 * MIB} ${sha256(readFileSync(path))}\n`);
  });

  it("may come in great number", async () => {
    const files = Array.from({ length: 500 }, (_, index) => ({
      name: `d${index % 10}/f${index}`,
      content: String(index),
    }));
    const code = program(
      "import os",
      "print(sum(int(open(os.path.join(root, name)).read()) for root, _, names in os.walk('.') for name in names))",
    );
    expect((await run({ code, files })).stdout).toBe("124750\n");
  });

  it("can be the program", async () => {
    const files = [
      { name: "app/main.py", content: "import helper\nprint(helper.name, __file__, uploaded_files)\n" },
      { name: "app/helper.py", content: "name = 'the helper'\n" },
    ];
    const execution = await run({ files, entry: "app/main.py" });
    expect(execution.stdout).toBe("the helper /workspace/app/main.py ['app/helper.py']\n");
  });

  it("can be a program over 1 MiB", async () => {
    const content = `${"# a comment\n".repeat(100_000)}print('ran')\n`;
    const execution = await run({ files: [{ name: "main.py", content }], entry: "main.py" });
    expect(execution.stdout).toBe("ran\n");
  });
});

describe("standard input", () => {
  const count =
    "import hashlib, sys\ndata = sys.stdin.buffer.read()\nprint(len(data), hashlib.sha256(data).hexdigest())";

  it("is at its end when none is given", async () => {
    expect((await run({ code: count })).stdout).toBe(`0 ${sha256("")}\n`);
  });

  it("is read by lines from text", async () => {
    const execution = await run({
      code: "print([line for line in __import__('sys').stdin], end='')",
      stdin: "one\ntwo €\n",
    });
    expect(execution.stdout).toBe("['one\\n', 'two €\\n']");
  });

  it("serves input()", async () => {
    expect((await run({ code: "print(input() + '|' + input())", stdin: "a\nb" })).stdout).toBe("a|b\n");
  });

  it("is binary and byte-exact, below and over 1 MiB", async () => {
    for (const size of [1, 1000, MIB - 1, MIB, 5 * MIB]) {
      const stdin = randomBytes(size);
      expect((await run({ code: count, stdin })).stdout).toBe(`${size} ${sha256(stdin)}\n`);
    }
  });

  it("comes from a path, small and large, private or not", async () => {
    for (const [size, mode] of [
      [10, 0o600],
      [2 * MIB, 0o600],
      [2 * MIB, 0o644],
    ] as const) {
      const path = join(folder(), `stdin-${size}-${mode}`);
      writeFileSync(path, randomBytes(size));
      chmodSync(path, mode);
      expect((await run({ code: count, stdin: { path } })).stdout).toBe(`${size} ${sha256(readFileSync(path))}\n`);
    }
    expect(staged()).toEqual([]);
  });
});

describe("an input that cannot be read", () => {
  it.each([
    ["that does not exist", "missing", "ENOENT"],
    ["that is a folder", "a-folder", "not a regular file"],
  ])(
    "because of a path %s is a problem that names the field, and nothing is started or staged",
    async (_, name, reason) => {
      mkdirSync(join(folder(), "a-folder"), { recursive: true });
      const path = join(folder(), name);
      const { started } = sandboxes().stats();
      const files = [
        { name: "large", content: randomBytes(2 * MIB) },
        { name: "wrong", path },
      ];
      const problem = await problemOf(run({ code: "1", files }));
      expect(problem.code).toBe("unreadable-file");
      expect(problem.errors).toEqual([
        { field: "files[1].path", message: `${path} cannot be read: check its path and permissions` },
      ]);
      expect(problem.message).toContain(reason);
      const second = await problemOf(run({ code: "1", stdin: { path } }));
      expect(second.errors.map((error) => error.field)).toEqual(["stdin"]);
      expect(staged()).toEqual([]);
      expect(sandboxes().stats().started).toBe(started);
    },
  );

  it("because reading it fails is a problem that names the field", async () => {
    const closed = join(folder(), "closed");
    writeFileSync(closed, "x", { mode: 0o000 });
    // What no mode keeps root from reading, the kernel still refuses here.
    const [path, reason] = process.getuid?.() === 0 ? ["/proc/self/mem", "EIO"] : [closed, "EACCES"];
    const problem = await problemOf(run({ code: "1", files: [{ name: "a", path }] }));
    expect([problem.code, problem.errors[0]?.field]).toEqual(["unreadable-file", "files[0].path"]);
    expect(problem.message).toContain(reason);
  });

  it("because it does not fit on the program's disk is no fault of the sandbox", async () => {
    const files = [1, 2, 3].map((number) => ({ name: `f${number}`, content: Buffer.alloc(900_000) }));
    const problem = await problemOf(run({ code: "1", files, limits: { diskBytes: 2 * MIB } }));
    expect(problem.code).toBe("invalid-request");
    expect(problem.errors).toEqual([
      { field: "limits.diskBytes", message: "2097152 bytes do not hold the input files, which need 2703360" },
    ]);
    expect(staged()).toEqual([]);
  });
});
