import { connect } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Harness, parseProblem, startHarness } from "../testing/http-harness.ts";

const json = { "content-type": "application/json" };
let harness: Harness;
beforeEach(async () => {
  harness = await startHarness(function* () {}, { bodyLimitBytes: 2_048, allowedHosts: ["box.example"] });
});
afterEach(() => harness.close());

interface Bad {
  readonly name: string;
  readonly body: string | Buffer;
  readonly headers?: Record<string, string>;
  readonly code: string;
}

test.each<Bad>([
  { name: "no JSON", body: "{", code: "invalid-json" },
  { name: "an empty body", body: "", code: "invalid-json" },
  { name: "a body that is not UTF-8", body: Buffer.from([0x22, 0xff, 0x22]), code: "invalid-json" },
  { name: "a key that replaces a prototype", body: '{"__proto__":{}}', code: "invalid-request" },
  { name: "a body that is no object", body: "[1]", code: "invalid-request" },
  { name: "null", body: "null", code: "invalid-request" },
  { name: "neither code nor entry", body: "{}", code: "invalid-request" },
  { name: "an unknown field", body: '{"code":"1","colour":1}', code: "invalid-request" },
  { name: "a wrong type", body: '{"code":1}', code: "invalid-request" },
  {
    name: "a path that leaves the folder",
    body: '{"entry":"../a","files":[{"name":"../a","content":""}]}',
    code: "invalid-request",
  },
  {
    name: "data nested without end",
    body: `{"code":"1","data":${"[".repeat(900)}${"]".repeat(900)}}`,
    code: "invalid-request",
  },
  {
    name: "a content type that is not JSON",
    body: "{}",
    headers: { "content-type": "text/plain" },
    code: "unsupported-media-type",
  },
  {
    name: "a form",
    body: "a=1",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    code: "unsupported-media-type",
  },
  { name: "a body over the limit", body: JSON.stringify({ code: "1".repeat(4_096) }), code: "payload-too-large" },
  {
    name: "a foreign origin",
    body: '{"code":"1"}',
    headers: { ...json, origin: "https://evil.example" },
    code: "forbidden-origin",
  },
  { name: "an opaque origin", body: '{"code":"1"}', headers: { ...json, origin: "null" }, code: "forbidden-origin" },
  {
    name: "another port of this machine as origin",
    body: '{"code":"1"}',
    headers: { ...json, origin: "http://127.0.0.1:1" },
    code: "forbidden-origin",
  },
  {
    name: "a host name pointed here",
    body: '{"code":"1"}',
    headers: { ...json, host: "evil.example" },
    code: "forbidden-origin",
  },
  {
    name: "a host that only looks like loopback",
    body: '{"code":"1"}',
    headers: { ...json, host: "127.0.0.1.evil.example" },
    code: "forbidden-origin",
  },
])("$name is the problem $code in both modes, and nothing starts", async ({ body, headers = json, code }) => {
  const plain = parseProblem(await harness.send("POST", "/v1/executions", headers, body));
  const streamed = await harness.send("POST", "/v1/executions", { ...headers, accept: "text/event-stream" }, body);
  expect(plain.code).toBe(code);
  expect(parseProblem(streamed)).toEqual(plain);
  expect(streamed.headers["x-content-type-options"]).toBe("nosniff");
  expect(harness.programs.calls).toEqual([]);
});

test("a client that sends far more than the limit still reads the answer", async () => {
  const answer = await harness.send("POST", "/v1/executions", json, Buffer.alloc(30 * 1024 * 1024, "1"));
  expect(parseProblem(answer).code).toBe("payload-too-large");
});

test("a body over the limit is told the limit and what raises it", async () => {
  const { detail, errors } = parseProblem(await harness.post({ code: "1".repeat(4_096) }));
  const message =
    "the body is over this server's limit of 2048 bytes (0.002 MiB), which its option --body-limit raises";
  expect([detail, errors]).toEqual([message, [{ field: "(body)", message }]]);
});

test.each([
  ['{"code":"1","data":[{"a":{"__proto__":1}}]}', "data[0].a.__proto__", "__proto__"],
  ['\ufeff{"\\u005f_proto__":{}}', "__proto__", "__proto__"],
  ['{"metadata":{"constructor":{"prototype":{}}}}', "metadata.constructor.prototype", "constructor.prototype"],
  [`{"data":${"[".repeat(900)}{"__proto__":1}${"]".repeat(900)}}`, "(body)", "__proto__"],
])("the key of %j that replaces a prototype is refused where it is", async (body, field, key) => {
  const { code, errors } = parseProblem(await harness.send("POST", "/v1/executions", json, body));
  const message = `the key "${key}" is refused, because it can replace the prototype of an object: rename it`;
  expect([code, errors]).toEqual(["invalid-request", [{ field, message }]]);
});

test("a number that no double holds is refused rather than made null", async () => {
  const answer = await harness.send("POST", "/v1/executions", json, '{"code":"1","parameters":{"n":1e400}}');
  expect(parseProblem(answer).errors.map(({ field }) => field)).toEqual(["parameters.n"]);
});

test("a problem of the request names each broken field", async () => {
  const answer = await harness.send("POST", "/v1/executions", json, '{"code":"1","limits":{"timeoutMs":-1},"x":1}');
  expect(parseProblem(answer).errors.map((error) => error.field)).toEqual(["limits.timeoutMs", "x"]);
});

test.each([["localhost:7070"], ["app.localhost"], ["[::1]:7070"], ["10.1.2.3"], ["box.example:80"], ["BOX.example"]])(
  "the host %s is served",
  async (host) => {
    expect((await harness.send("GET", "/healthz", { host })).status).toBe(200);
  },
);

test("a page of this server itself may call it", async () => {
  const headers = { ...json, host: "box.example:7070", origin: "https://box.example:7070" };
  expect((await harness.send("POST", "/v1/executions", headers, '{"code":"1"}')).status).toBe(200);
});

test("a request without Host is refused", async () => {
  const text = await new Promise<string>((resolve) => {
    const socket = connect(harness.port, "127.0.0.1");
    socket.on("data", (chunk) => {
      socket.destroy();
      resolve(chunk.toString());
    });
    socket.write("GET /healthz HTTP/1.1\r\n\r\n");
  });
  expect(text).toMatch(/^HTTP\/1\.1 403 .*"code":"forbidden-origin"/s);
});

test("what is not HTTP is a problem too", async () => {
  const text = await new Promise<string>((resolve) => {
    const socket = connect(harness.port, "127.0.0.1");
    let received = "";
    socket.on("data", (chunk) => (received += chunk.toString()));
    socket.on("close", () => resolve(received));
    socket.write("nonsense\r\n\r\n");
  });
  expect(text).toMatch(/^HTTP\/1\.1 400 .*application\/problem\+json.*"code":"invalid-request"/s);
});

test.each([
  ["GET", "/", 404, "not-found"],
  ["POST", "/v1/nothing", 404, "not-found"],
  ["GET", "/%zz", 400, "invalid-request"],
  ["PUT", "/v1/executions?x=1", 405, "method-not-allowed"],
  ["PUT", "/v1/executions/x", 405, "method-not-allowed"],
  ["GET", "/v1/executions/x/cancel", 405, "method-not-allowed"],
  ["POST", "/v1/executions/x/artifacts/a/b", 405, "method-not-allowed"],
  ["GET", "/v1/executions/", 404, "not-found"],
  ["GET", "/v1/executions/x/y", 404, "not-found"],
  ["GET", `/v1/executions/${"x".repeat(200)}`, 404, "not-found"],
  ["DELETE", "/v1/executions", 405, "method-not-allowed"],
  ["PROPFIND", "/v1/executions", 405, "method-not-allowed"],
  ["POST", "/healthz", 405, "method-not-allowed"],
])("%s %s is answered %i %s", async (method, path, status, code) => {
  const answer = await harness.send(method, path, { "content-type": "text/strange" }, "x");
  expect(answer.status).toBe(status);
  expect(parseProblem(answer).code).toBe(code);
});

test("a wrong method is told the right ones", async () => {
  const allowed = async (path: string) => (await harness.send("PUT", path)).headers.allow;
  expect(await allowed("/v1/executions")).toBe("POST, GET, HEAD");
  expect(await allowed("/v1/executions/x")).toBe("GET, HEAD, DELETE");
  expect(await allowed("/v1/executions/x/events")).toBe("GET");
  expect(await allowed("/healthz")).toBe("GET, HEAD");
});

test("an unexpected error is logged and gives nothing away", async () => {
  const secret = await startHarness(() => {
    throw new Error("password at /home/operator");
  });
  const answer = await secret.post({ code: "1" });
  await secret.close();
  expect(parseProblem(answer).code).toBe("internal-error");
  expect(answer.text).not.toContain("operator");
  expect(secret.logged.join("\n")).toContain("password at /home/operator");
});
