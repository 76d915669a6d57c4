// Depends on: identity.
import { randomBytes } from "node:crypto";
import { lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { problemOf, program, sharedSandboxes, temporaryFolder } from "./support/sandboxes.ts";
import { sha256 } from "./support/sha256.ts";

const MIB = 1024 * 1024;
const folder = temporaryFolder();
const sandboxes = sharedSandboxes();

/** Everything below a folder: path -> content of files, target of links. */
function tree(root: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isSymbolicLink()) found[path.slice(root.length + 1)] = `-> ${readlinkSync(path)}`;
    else if (entry.isFile()) found[path.slice(root.length + 1)] = readFileSync(path, "utf8");
  }
  return found;
}

const outDir = () => mkdtempSync(join(folder(), "out-"));

describe("the artifacts of a run", () => {
  it("are the files that the program made, with size and hash, in the order of their names", async () => {
    const code = program(
      "import os",
      "open('b.txt', 'w').write('two\\n')",
      "open('a.bin', 'wb').write(bytes(range(256)))",
      "os.makedirs('deep/er')",
      "open('deep/er/c', 'w').write('three')",
      "open('empty', 'w').close()",
    );
    const execution = await sandboxes().execute({ code }).result;
    expect(execution.artifacts).toEqual([
      { path: "a.bin", size: 256, sha256: "40aff2e9d2d8922e47afd4648e6967497158785fbd1da870e7110266bf944880" },
      { path: "b.txt", size: 4, sha256: "27dd8ed44a83ff94d557f9fd0412ed5a8cbca69ea04922d88c01184a07300a5a" },
      { path: "deep/er/c", size: 5, sha256: "8b5b9db0c13db24256c829aa364aa90c6d2eba318b9232a4ab9313b954d3555f" },
      { path: "empty", size: 0, sha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
    ]);
    expect(execution.warnings).toEqual([]);
  });

  it("contain changed inputs and no unchanged ones", async () => {
    const code = program(
      "import os",
      "open('appended', 'a').write('!')",
      "open('same-size', 'w').write('B')",
      "os.replace('renamed', 'new-name')",
      "open('read').read()",
    );
    const files = ["appended", "same-size", "renamed", "read", "untouched", "sub/untouched"].map((name) => ({
      name,
      content: "A",
    }));
    files.push({ name: "big", content: "x".repeat(2 * MIB) });
    const execution = await sandboxes().execute({ code, files }).result;
    expect(execution.artifacts.map(({ path, sha256 }) => [path, sha256])).toEqual([
      ["appended", sha256("A!")],
      ["new-name", sha256("A")],
      ["same-size", sha256("B")],
    ]);
  });

  it("contain nothing of the other writable folders", async () => {
    const code = "open('/tmp/t', 'w').write('t'); open('/dev/shm/s', 'w').write('s')";
    expect((await sandboxes().execute({ code }).result).artifacts).toEqual([]);
  });

  it("contain what a program wrote that failed, was killed or ran out of disk", async () => {
    for (const end of ["raise SystemExit(3)", "import os; os.kill(os.getpid(), 9)", "import os; os.abort()"]) {
      const execution = await sandboxes().execute({ code: `open('made', 'w').write('x')\n${end}` }).result;
      expect(execution.artifacts.map(({ path }) => path)).toEqual(["made"]);
    }
  });

  it("leave out links and sockets, and say so", async () => {
    const code = program(
      "import os, socket",
      "os.symlink('/etc/passwd', 'link')",
      "os.symlink('/etc', 'link-to-folder')",
      "socket.socket(socket.AF_UNIX).bind('socket')",
      "open('real', 'w').write('x')",
    );
    const execution = await sandboxes().execute({ code }).result;
    expect(execution.artifacts.map(({ path }) => path)).toEqual(["real"]);
    expect(execution.warnings).toEqual(
      ["link", "link-to-folder", "socket"].map((name) => `artifact "${name}" was left out: not a regular file`),
    );
  });

  it("leave out what lies too deep and more than 1000 files, in one warning with their number", async () => {
    const code = program(
      "import os",
      "open('new\\nline', 'w').close()",
      "open(b'\\xff', 'w').close()",
      "os.makedirs('/'.join('d' * 40))",
      "for number in range(1_150): open(f'f{number:04}', 'w').close()",
    );
    const execution = await sandboxes().execute({ code }).result;
    expect(execution.artifacts.length).toBe(1_000);
    expect(execution.artifacts.at(-1)?.path).toBe("f0999");
    expect(execution.warnings).toEqual([
      `153 artifacts were left out: below more than 32 folders ("${"d/".repeat(32)}d"); ` +
        'more than 1000 files ("f1000", "f1001", "f1002" and 96 more); 53 more that are not listed',
    ]);
  });

  it("leave out names that nobody can print, and say them with escapes", async () => {
    const code = program("open('new\\nline', 'w').close()", "open(b'\\xff', 'w').close()");
    const execution = await sandboxes().execute({ code }).result;
    const reason = "the name has characters that cannot be printed or is not UTF-8";
    expect(execution.warnings).toEqual([
      `artifact "new\\nline" was left out: ${reason}`,
      `artifact "\\udcff" was left out: ${reason}`,
    ]);
  });

  it("leave out a sparse file that is larger than the disk limit allows", async () => {
    const code =
      "import os\nfor name in 'ab':\n    with open(name, 'w') as file: os.ftruncate(file.fileno(), 40 << 20)";
    const execution = await sandboxes().execute({ code, limits: { diskBytes: 64 * MIB } }).result;
    expect(execution.artifacts.map(({ path, size }) => [path, size])).toEqual([["a", 40 * MIB]]);
    expect(execution.warnings).toEqual(['artifact "b" was left out: the artifacts together exceed the disk limit']);
  });

  it("survive a program that closes its folders to itself", async () => {
    const code = program(
      "import os",
      "os.mkdir('shut')",
      "open('shut/in', 'w').write('x')",
      "os.chmod('shut/in', 0)",
      "os.chmod('shut', 0)",
    );
    const execution = await sandboxes().execute({ code }).result;
    expect(execution.outcome).toEqual({ kind: "exited", code: 0, stage: "run", violations: [] });
    expect(execution.artifacts.map(({ path }) => path)).toEqual(["shut/in"]);
  });
});

describe("artifactsDir", () => {
  it("is made when it is missing and holds exactly the artifacts", async () => {
    const big = randomBytes(3 * MIB);
    const code = program(
      "import os",
      "open('a.txt', 'w').write('eins')",
      "os.makedirs('x/y')",
      "open('x/y/empty', 'w').close()",
      "open('copy', 'wb').write(open('big', 'rb').read())",
      "os.symlink('/etc/passwd', 'x/link')",
    );
    const artifactsDir = join(outDir(), "made", "here");
    const execution = await sandboxes().execute({ code, files: [{ name: "big", content: big }] }, { artifactsDir })
      .result;
    expect(Object.keys(tree(artifactsDir)).sort()).toEqual(["a.txt", "copy", "x/y/empty"]);
    expect(readFileSync(join(artifactsDir, "a.txt"), "utf8")).toBe("eins");
    expect(readFileSync(join(artifactsDir, "x/y/empty"), "utf8")).toBe("");
    expect(sha256(readFileSync(join(artifactsDir, "copy")))).toBe(sha256(big));
    expect(execution.artifacts).toEqual([
      { path: "a.txt", size: 4, sha256: sha256("eins") },
      { path: "copy", size: 3 * MIB, sha256: sha256(big) },
      { path: "x/y/empty", size: 0, sha256: sha256("") },
    ]);
  });

  it("keeps what else is in it, and an existing file is replaced", async () => {
    const artifactsDir = outDir();
    writeFileSync(join(artifactsDir, "old"), "a long content that was here before");
    writeFileSync(join(artifactsDir, "other"), "other");
    const code = "open('old', 'w').write('new')";
    await sandboxes().execute({ code }, { artifactsDir }).result;
    expect(tree(artifactsDir)).toEqual({ old: "new", other: "other" });
  });

  it("is never left through a link in it, to a file or to a folder", async () => {
    const artifactsDir = outDir();
    const outside = outDir();
    writeFileSync(join(outside, "victim"), "untouched");
    symlinkSync(join(outside, "victim"), join(artifactsDir, "file"));
    symlinkSync(outside, join(artifactsDir, "sub"));
    symlinkSync(join(outside, "made-by-link"), join(artifactsDir, "dangling"));
    const code = program(
      "import os",
      "open('file', 'w').write('attack')",
      "open('dangling', 'w').write('attack')",
      "os.mkdir('sub')",
      "open('sub/victim', 'w').write('attack')",
      "open('sub/new', 'w').write('attack')",
      "open('good', 'w').write('good')",
    );
    const execution = await sandboxes().execute({ code }, { artifactsDir }).result;
    expect(tree(outside)).toEqual({ victim: "untouched" });
    expect(readFileSync(join(artifactsDir, "good"), "utf8")).toBe("good");
    expect(lstatSync(join(artifactsDir, "file")).isSymbolicLink()).toBe(true);
    expect(execution.outcome.kind).toBe("exited");
    expect(execution.artifacts.map(({ path }) => path)).toEqual(["good"]);
    expect(execution.warnings.map((text) => /^artifact "([^"]+)" could not be written: /.exec(text)?.[1])).toEqual([
      "dangling",
      "file",
      "sub/new",
      "sub/victim",
    ]);
  });

  it("that cannot be made is a problem, and nothing is started", async () => {
    const path = join(outDir(), "file");
    writeFileSync(path, "");
    const { started } = sandboxes().stats();
    const problem = await problemOf(sandboxes().execute({ code: "1" }, { artifactsDir: join(path, "below") }).result);
    expect(problem.code).toBe("invalid-request");
    expect(problem.errors.map((error) => error.field)).toEqual(["artifactsDir"]);
    expect(sandboxes().stats().started).toBe(started);
  });
});
