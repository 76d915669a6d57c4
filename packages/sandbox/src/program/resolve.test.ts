import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultCeiling, defaultLimits, type HostRequest, ProblemError } from "@glovebox/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Resolving, resolveProgram } from "./resolve.ts";

const MIB = 1024 * 1024;
const profile = { defaults: defaultLimits, ceiling: defaultCeiling };
const resolve = (request: HostRequest, how: Partial<Resolving> = {}) => resolveProgram(request, { profile, ...how });

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "glovebox-resolve-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function hostFile(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe("a request that is resolved", () => {
  it("has everything that decides how it runs, with what was not asked for", async () => {
    expect(await resolve({ code: "1" })).toEqual({
      language: "python",
      code: "1",
      files: [],
      args: [],
      env: {},
      parameters: {},
      data: null,
      limits: defaultLimits,
      compilerOptions: [],
      returnVariables: [],
      warnings: [],
    });
  });

  it("has its language by name, with a warning where that was an alias", async () => {
    const { language, warnings } = await resolve({ code: "1", language: "py" });
    expect([language, warnings]).toEqual(["python", ["language: 'py' was read as 'python'"]]);
  });

  it("has limits of the compiler where its language has one", async () => {
    const c = await resolve({ code: "1", language: "c", compileLimits: { processes: 99 } });
    expect(c.compileLimits?.processes).toBe(99);
    expect((await resolve({ code: "1", compileLimits: { processes: 99 } })).compileLimits).toBeUndefined();
  });

  it("has limits within the profile that it is resolved by", async () => {
    const ceiling = { ...defaultCeiling, timeoutMs: 1_000 };
    const strict = { profile: { defaults: defaultLimits, ceiling } };
    expect((await resolve({ code: "1" }, strict)).limits.timeoutMs).toBe(1_000);
    await expect(resolve({ code: "1", limits: { timeoutMs: 1_001 } }, strict)).rejects.toMatchObject({
      code: "limit-over-ceiling",
    });
  });

  it("warns of variables that its language cannot return", async () => {
    const { warnings } = await resolve({ code: "1", language: "c", returnVariables: ["x"] });
    expect(warnings).toEqual(["returnVariables: C has no variables that could be returned; save results instead"]);
  });
});

describe("the files of a request", () => {
  it("are bytes where they came in base64, and standard input too", async () => {
    const { files, stdin } = await resolve({
      code: "1",
      files: [{ name: "a", contentBase64: "AP8=" }],
      stdinBase64: "/wA=",
    });
    expect([files, stdin]).toEqual([[{ name: "a", content: Buffer.from([0, 255]) }], Buffer.from([255, 0])]);
  });

  it("from memory are the very bytes that were given", async () => {
    const content = Buffer.alloc(3 * MIB);
    const { files, stdin } = await resolve({ code: "1", files: [{ name: "a", content }], stdin: content });
    expect("content" in (files[0] ?? {}) && files[0]).toMatchObject({ name: "a" });
    expect(files[0] !== undefined && "content" in files[0] && files[0].content === content).toBe(true);
    expect(stdin).toBe(content);
  });

  it("of the host are read up to 1 MiB, so that what is checked is what runs; larger ones are looked at", async () => {
    const small = hostFile("small", "text");
    const large = hostFile("large", Buffer.alloc(MIB + 1));
    const request = { code: "1", files: [small, large].map((path, index) => ({ name: `f${index}`, path })) };
    const program = await resolve({ ...request, stdin: { path: small } });
    writeFileSync(small, "another");
    expect(program.files).toEqual([
      { name: "f0", content: Buffer.from("text") },
      { name: "f1", path: large, size: MIB + 1 },
    ]);
    expect(program.stdin).toEqual(Buffer.from("text"));
    expect((await resolve({ code: "1", stdin: { path: large } })).stdin).toEqual({ path: large });
  });

  it("that are the program are read whatever their size", async () => {
    const path = hostFile("main.py", Buffer.alloc(MIB + 1, "#"));
    const { files } = await resolve({ entry: "main.py", files: [{ name: "main.py", path }] });
    const [file] = files;
    expect(file !== undefined && "content" in file && file.content.length).toBe(MIB + 1);
  });

  it("that cannot be read are told by their field", async () => {
    mkdirSync(join(folder, "sub"));
    const missing = join(folder, "missing");
    const fieldsOf = (request: HostRequest) =>
      resolve(request).then(
        () => [],
        (error: unknown) => (error instanceof ProblemError ? [error.code, error.errors[0]?.field] : [error]),
      );
    const files = [
      { name: "a", content: "" },
      { name: "b", path: join(folder, "sub") },
    ];
    expect(await fieldsOf({ code: "1", files })).toEqual(["unreadable-file", "files[1].path"]);
    expect(await fieldsOf({ code: "1", stdin: { path: missing } })).toEqual(["unreadable-file", "stdin"]);
  });

  it("that the program's disk does not hold are refused before they are read", async () => {
    const path = hostFile("a", Buffer.alloc(100_000));
    const request = { code: "1", files: [{ name: "a", path }], limits: { diskBytes: 65_536 } };
    await expect(resolve(request)).rejects.toThrow(
      "limits.diskBytes: 65536 bytes do not hold the input files, which need 102400",
    );
  });
});

describe("of several mistakes", () => {
  const toolchains = {
    require: () => {
      throw new ProblemError("language-unavailable", "not installed");
    },
  };
  const code = async (request: HostRequest) =>
    resolve(request, { toolchains }).catch((error: unknown) => (error as ProblemError).code);
  const files = [{ name: "a", path: "/nowhere" }];
  const limits = { timeoutMs: 1e12 };

  it("the language is told first, then its options, the limits, the toolchain, and the files last", async () => {
    expect(await code({ code: "1", language: "cobol", compilerOptions: ["-x"], limits, files })).toBe(
      "unknown-language",
    );
    expect(await code({ code: "1", compilerOptions: ["-x"], limits, files })).toBe("invalid-request");
    expect(await code({ code: "1", limits, files })).toBe("limit-over-ceiling");
    expect(await code({ code: "1", files })).toBe("language-unavailable");
    expect(await resolve({ code: "1", files }).catch((error) => error.code)).toBe("unreadable-file");
  });
});
