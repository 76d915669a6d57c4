import { afterEach, beforeEach, expect, test } from "vitest";
import { type Harness, parseProblem, startHarness } from "../../testing/http-harness.ts";

const sha256 = "84d89877f0d4041efb6bf91a16f0248f2fd573e6af05c19f96bedb9f882f7882";
const tag = `"${sha256}"`;

let harness: Harness;
let id: string;
beforeEach(async () => {
  harness = await startHarness(function* () {
    const content = Buffer.from("0123456789");
    yield { type: "artifact", path: "digits.txt", content };
    yield { type: "artifact", path: 'out/a b%"é\n.csv', content };
    yield { type: "artifact", path: "empty", content: Buffer.alloc(0) };
  });
  id = JSON.parse((await harness.post({ code: "1" })).text).id;
});
afterEach(() => harness.close());

const get = (path: string, headers: Record<string, string> = {}, method = "GET") =>
  harness.send(method, `/v1/executions/${id}/artifacts/${path}`, headers);

test("the content of a file is answered, to be saved and not to be shown", async () => {
  const answer = await get("digits.txt");
  expect([answer.status, answer.text]).toEqual([200, "0123456789"]);
  expect(answer.headers).toMatchObject({
    "content-type": "application/octet-stream",
    "content-disposition": "attachment; filename*=UTF-8''digits.txt",
    "content-length": "10",
    "x-content-type-options": "nosniff",
    "accept-ranges": "bytes",
    etag: tag,
  });
});

test("names with slashes and strange characters are found, and cannot break out of a header", async () => {
  const answer = await get("out/a%20b%25%22%C3%A9%0A.csv");
  expect([answer.status, answer.text]).toEqual([200, "0123456789"]);
  expect(answer.headers["content-disposition"]).toBe("attachment; filename*=UTF-8''a%20b%25%22%C3%A9%0A.csv");
  expect((await get("out%2Fa%20b%25%22%C3%A9%0A.csv")).text).toBe("0123456789");
});

test("HEAD answers what GET does, without the content", async () => {
  const answer = await get("digits.txt", {}, "HEAD");
  expect([answer.status, answer.text, answer.headers["content-length"], answer.headers.etag]).toEqual([
    ...[200, "", "10", tag],
  ]);
});

test.each([
  ["bytes=0-0", "0", "bytes 0-0/10"],
  ["bytes=2-4", "234", "bytes 2-4/10"],
  ["bytes=7-", "789", "bytes 7-9/10"],
  ["bytes=-3", "789", "bytes 7-9/10"],
  ["bytes=-99999999999999999999", "0123456789", "bytes 0-9/10"],
  ["bytes=5-99999999999999999999", "56789", "bytes 5-9/10"],
])("the range %s is answered in part", async (range, text, contentRange) => {
  const answer = await get("digits.txt", { range });
  expect([answer.status, answer.text, answer.headers["content-range"]]).toEqual([206, text, contentRange]);
});

test.each(["bytes=", "bytes=-", "bytes=4-2", "bytes=0-1,3-4", "bytes=x-2", "lines=1-2", "bytes=0x1-2"])(
  "the range %s is no single range of bytes: everything is answered",
  async (range) => {
    const answer = await get("digits.txt", { range });
    expect([answer.status, answer.text]).toEqual([200, "0123456789"]);
  },
);

test.each(["bytes=10-", "bytes=10-20", "bytes=-0", `bytes=${"9".repeat(400)}-`])(
  "the range %s is outside of the content",
  async (range) => {
    const answer = await get("digits.txt", { range });
    expect(parseProblem(answer)).toMatchObject({ status: 416, code: "range-not-satisfiable" });
    expect(answer.headers["content-range"]).toBe("bytes */10");
  },
);

test("what the client has already is not sent again, and a part only of what it has begun", async () => {
  for (const known of [tag, `"x", W/${tag}`, "*"]) {
    const answer = await get("digits.txt", { "if-none-match": known });
    expect([answer.status, answer.text, answer.headers.etag]).toEqual([304, "", tag]);
  }
  expect((await get("digits.txt", { "if-none-match": '"x"' })).status).toBe(200);
  expect((await get("digits.txt", { range: "bytes=1-2", "if-range": tag })).status).toBe(206);
  expect((await get("digits.txt", { range: "bytes=1-2", "if-range": '"x"' })).text).toBe("0123456789");
});

test("an empty file is answered, and has no range", async () => {
  const answer = await get("empty");
  expect([answer.status, answer.text, answer.headers["content-length"]]).toEqual([200, "", "0"]);
  expect((await get("empty", { range: "bytes=0-" })).status).toBe(416);
});

test("what was too large to be kept is listed, and its content is gone", async () => {
  const server = await startHarness(function* () {
    yield { type: "artifact", path: "large", content: Buffer.alloc(64 * 1024 * 1024 + 1) };
  });
  const record = JSON.parse((await server.post({ code: "1" })).text);
  const answer = await server.send("GET", `/v1/executions/${record.id}/artifacts/large`);
  await server.close();
  expect(record.artifacts).toMatchObject([{ path: "large", size: 67_108_865 }]);
  expect(parseProblem(answer)).toMatchObject({ status: 410, code: "content-not-kept" });
});

test.each(["other.txt", "out", "out/", "%2e%2e/digits.txt", "./digits.txt", "%2Fdigits.txt", "..%2f..%2fetc%2fpasswd"])(
  "%s is no file of the program",
  async (path) => {
    expect(parseProblem(await get(path)).code).toBe("not-found");
  },
);
