/** What a client of the server gets wrong: each is a problem, and no program starts. */
import type { ProblemCode } from "@glovebox/protocol";
import { describe, expect, test } from "vitest";
import { endChildren } from "./support/child.ts";
import { program, type Sent, sharedServer, startServer } from "./support/server.ts";

endChildren();
const bodyLimitBytes = 4 * 1024 * 1024;
const server = sharedServer(["--body-limit", String(bodyLimitBytes)]);

describe("refusals", () => {
  const python = (more: object) => program({ code: "print(1)", ...more });
  const files = (...names: string[]) => python({ files: names.map((name) => ({ name, content: "" })) });
  const text = (body: string | Uint8Array, type = "application/json"): Sent => ({
    method: "POST",
    path: "/v1/executions",
    headers: { "content-type": type },
    body,
  });
  const deep = `{"code":"1","data":${"[".repeat(101)}${"]".repeat(101)}}`;

  test.each<[string, Sent, ProblemCode, readonly string[]]>([
    ["an unknown field", python({ cde: 1 }), "invalid-request", ["cde"]],
    ["an unknown limit", python({ limits: { ram: 1 } }), "invalid-request", ["limits.ram"]],
    ["the wrong type", program({ code: 5, args: "x" }), "invalid-request", ["code", "args"]],
    ["no program", program({}), "invalid-request", ["code"]],
    ["an empty program", program({ code: " \n" }), "invalid-request", ["code"]],
    ["a program over 1 MiB", program({ code: `1${" ".repeat(1024 * 1024)}` }), "invalid-request", ["code"]],
    [
      "code and entry",
      python({ entry: "x.py", files: [{ name: "x.py", content: "1" }] }),
      "invalid-request",
      ["entry"],
    ],
    ["an entry that is not among the files", program({ entry: "x.py", files: [] }), "invalid-request", ["entry"]],
    ["a name with '..'", files("a", "../x"), "invalid-request", ["files[1].name"]],
    ["a name with a leading '/'", files("/x"), "invalid-request", ["files[0].name", "files[0].name"]],
    ["a name with a NUL", files("x\0y"), "invalid-request", ["files[0].name"]],
    ["a name twice", files("x", "y", "x"), "invalid-request", ["files[2].name"]],
    ["a file below a file", files("x", "x/y"), "invalid-request", ["files[1].name"]],
    [
      "two contents",
      python({ files: [{ name: "x", content: "", contentBase64: "" }] }),
      "invalid-request",
      ["files[0]"],
    ],
    [
      "bad base64",
      python({ files: [{ name: "x", contentBase64: "?" }] }),
      "invalid-request",
      ["files[0].contentBase64"],
    ],
    [
      "a path of the host",
      python({ files: [{ name: "x", path: "/etc/passwd" }] }),
      "invalid-request",
      ["files[0].path", "files[0]"],
    ],
    ["a negative limit", python({ limits: { timeoutMs: -1 } }), "invalid-request", ["limits.timeoutMs"]],
    ["a limit of no number", python({ limits: { memoryBytes: "lots" } }), "invalid-request", ["limits.memoryBytes"]],
    [
      "a limit over the ceiling",
      python({ limits: { timeoutMs: 3_600_001, openFiles: 4_097 } }),
      "limit-over-ceiling",
      ["limits.timeoutMs", "limits.openFiles"],
    ],
    [
      "limits of the compiler beyond their rules",
      python({ compileLimits: { timeoutMs: -1, ram: 1 } }),
      "invalid-request",
      ["compileLimits.timeoutMs", "compileLimits.ram"],
    ],
    [
      "a limit of the compiler over the ceiling",
      python({ compileLimits: { timeoutMs: 3_600_001 } }),
      "limit-over-ceiling",
      ["compileLimits.timeoutMs"],
    ],
    [
      "a file of no language",
      program({ entry: "x.xyz", files: [{ name: "x.xyz", content: "1" }] }),
      "unknown-language",
      ["entry"],
    ],
    ["an interval too short", python({ sampleIntervalMs: 1 }), "invalid-request", ["sampleIntervalMs"]],
    ["a NUL in an argument", python({ args: ["a", "b\0"] }), "invalid-request", ["args[1]"]],
    ["a bad name of a variable", python({ env: { "1A": "x" } }), "invalid-request", ["env.1A"]],
    ["an unknown language", python({ language: "brainfuck" }), "unknown-language", ["language"]],
    ["values nested too deep", text(deep), "invalid-request", []],
    ["no object", text("[1]"), "invalid-request", ["(body)"]],
    ["no JSON", text("{code"), "invalid-json", []],
    ["an empty body", text(""), "invalid-json", []],
    ["a body that is not UTF-8", text(Buffer.from([0x22, 0xff, 0x22])), "invalid-json", []],
    ["a key that replaces a prototype", text('{"code": "1", "__proto__": {}}'), "invalid-request", ["__proto__"]],
  ])("%s is refused with 400 by name, and no program starts", async (_title, sent, code, fields) => {
    const { started } = (await server().health()).sandboxes;
    const problem = await server().refused(sent);
    expect({ status: problem.status, code: problem.code, fields: problem.errors.map(({ field }) => field) }).toEqual({
      status: 400,
      code,
      fields,
    });
    for (const field of fields) expect(problem.detail).toContain(field);
    expect((await server().health()).sandboxes.started).toBe(started);
  });

  test("an unknown language is refused with the known ones", async () => {
    const { detail } = await server().refused(python({ language: "brainfuck" }));
    expect(detail).toMatch(/^language: 'brainfuck' is not known; known are: [a-z, ]*\bpython\b/);
  });

  test.each<[number, ProblemCode, Sent]>([
    [413, "payload-too-large", text(`"${"x".repeat(bodyLimitBytes)}"`)],
    [415, "unsupported-media-type", text('{"code": "1"}', "text/plain")],
    [405, "method-not-allowed", { method: "DELETE", path: "/v1/executions" }],
    [405, "method-not-allowed", { method: "DELETE", path: "/v1/executions/x/events" }],
    [405, "method-not-allowed", { method: "DELETE", path: "/v1/languages" }],
    [
      405,
      "method-not-allowed",
      { method: "POST", path: "/healthz", headers: { "content-type": "application/json" }, body: "{}" },
    ],
    [404, "not-found", { path: "/v1/execution" }],
    [404, "not-found", { method: "POST", path: "/", headers: { "content-type": "application/json" }, body: "{}" }],
  ])("%i %s", async (status, code, sent) => {
    expect(await server().refused(sent)).toMatchObject({ status, code });
  });

  test("a client that is still sending a body that is too large gets the problem, not a broken pipe", async () => {
    const sent = text(`"${"x".repeat(16 * bodyLimitBytes)}"`);
    for (let attempt = 0; attempt < 3; attempt++) {
      expect(await server().refused(sent)).toMatchObject({ status: 413, code: "payload-too-large" });
    }
    const chunked = { ...sent, headers: { ...sent.headers, "transfer-encoding": "chunked" } };
    expect(await server().refused(chunked)).toMatchObject({ status: 413, code: "payload-too-large" });
  });

  test("a refused method names the allowed one", async () => {
    const refused = await server().send({ method: "DELETE", path: "/v1/executions" });
    expect(refused.headers.allow).toBe("POST, GET, HEAD");
  });

  test("web pages of other origins and foreign host names are refused", async () => {
    const { port } = new URL(server().url);
    const from = (headers: Record<string, string>): Sent => {
      const sent = python({});
      return { ...sent, headers: { ...sent.headers, ...headers } };
    };
    const refused: Record<string, string>[] = [
      { origin: "https://example.com" },
      { origin: "null" },
      { origin: "http://localhost:1" },
      { host: `example.com:${port}` },
      { host: `localhost.example.com:${port}` },
    ];
    for (const headers of refused) {
      expect(await server().refused(from(headers))).toMatchObject({ status: 403, code: "forbidden-origin" });
    }
    const allowed: Record<string, string>[] = [
      { origin: server().url },
      { host: `localhost:${port}` },
      { host: `localhost:${port}`, origin: `http://localhost:${port}` },
    ];
    for (const headers of allowed) expect((await server().send(from(headers))).status).toBe(200);
  });

  test("an allowed host name passes", async () => {
    const other = await startServer(["--preload", "", "--pool-min", "0", "--allowed-hosts", "box.example"]);
    const { status } = await other.send({ path: "/healthz", headers: { host: "box.example" } });
    expect(status).toBe(200);
    await other.stop();
  });
});
