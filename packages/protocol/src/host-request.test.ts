import { describe, expect, it } from "vitest";
import { parseExecutionRequest, parseHostRequest } from "./parse.ts";
import { ProblemError } from "./problems.ts";

function errorsOf(work: () => unknown): readonly (readonly [string, string])[] {
  try {
    work();
  } catch (error) {
    if (error instanceof ProblemError) return error.errors.map(({ field, message }) => [field, message] as const);
    throw error;
  }
  throw new Error("was not refused");
}

describe("a request of a caller inside the process", () => {
  it("may have bytes and name files of the host, and is taken as it is", () => {
    const request = {
      entry: "a.py",
      files: [
        { name: "a.py", path: "/srv/a.py" },
        { name: "b", content: new Uint8Array([0, 255]) },
        { name: "c", content: "c" },
        { name: "d", contentBase64: "AAEC" },
      ],
      stdin: { path: "/srv/in" },
    };
    expect(parseHostRequest(request)).toEqual({ request, warnings: [] });
    expect(parseHostRequest({ code: "1", stdin: new Uint8Array([1]) }).request.stdin).toEqual(new Uint8Array([1]));
  });

  it.each<[string, object, string, string]>([
    [
      "two sources",
      { path: "/a", content: "" },
      "files[0]",
      "needs exactly one of 'content', 'contentBase64' and 'path'",
    ],
    ["no source", {}, "files[0]", "needs exactly one of 'content', 'contentBase64' and 'path'"],
    ["content that is a list", { content: [1] }, "files[0].content", "must be text or bytes"],
    ["an empty path", { path: "" }, "files[0].path", "must not be empty"],
    ["a NUL byte in its path", { path: "/a\0" }, "files[0].path", "must not contain a NUL byte"],
    ["a field of no file", { content: "", mode: 1 }, "files[0].mode", "unknown field: remove it or correct its name"],
  ])("is refused for a file with %s", (_, source, field, message) => {
    expect(errorsOf(() => parseHostRequest({ code: "1", files: [{ name: "a", ...source }] }))).toEqual([
      [field, message],
    ]);
  });

  it.each<[unknown, string, string]>([
    [7, "stdin", "must be text, bytes or {path}"],
    [{ pth: "/in" }, "stdin.pth", "unknown field: did you mean 'stdin.path'?"],
    [{ path: 7 }, "stdin", "must be text, bytes or {path}"],
  ])("is refused for the standard input %j", (stdin, field, message) => {
    expect(errorsOf(() => parseHostRequest({ code: "1", stdin }))).toEqual([[field, message]]);
  });

  it("has the rules between fields that one from outside has", () => {
    const wrong = {
      code: "1",
      entry: "b",
      files: [
        { name: "a", content: "" },
        { name: "a/b", content: "" },
      ],
    };
    const errors = [
      ["entry", "give exactly one of 'code' and 'entry' (with 'files')"],
      ["files[1].name", "'a' is named both as a file and as a folder"],
      ["entry", "names no file of 'files': 'b'"],
    ];
    expect(errorsOf(() => parseHostRequest(wrong))).toEqual(errors);
    expect(errorsOf(() => parseExecutionRequest(wrong))).toEqual(errors);
  });

  it.each(["env", "parameters", "data", "metadata"])("is refused for a key in '%s' that would be lost", (field) => {
    const message = 'the key "__proto__" is refused, because it can replace the prototype of an object: rename it';
    const request = { code: "1", [field]: JSON.parse('{"__proto__": "x"}') };
    expect(errorsOf(() => parseHostRequest(request))).toEqual([[`${field}.__proto__`, message]]);
  });

  it("may have bytes of any number, which are not looked at one by one", () => {
    const content = new Uint8Array(64 * 1024 * 1024);
    const before = performance.now();
    parseHostRequest({ code: "1", files: [{ name: "a", content }], stdin: content });
    expect(performance.now() - before).toBeLessThan(1_000); // entry by entry it takes 10 s and all memory
  });
});

describe("a request from outside", () => {
  it.each([
    [{ code: "1", files: [{ name: "a", path: "/etc/passwd" }] }, "files[0].path"],
    [{ code: "1", files: [{ name: "a", content: "", path: "/etc/passwd" }] }, "files[0].path"],
    [{ code: "1", files: [{ name: "a", content: { path: "/etc/passwd" } }] }, "files[0].content"],
    [{ code: "1", stdin: { path: "/etc/passwd" } }, "stdin"],
  ])("cannot name a file of the host: %j", (request, field) => {
    expect(errorsOf(() => parseExecutionRequest(request)).map(([name]) => name)).toContain(field);
  });
});
