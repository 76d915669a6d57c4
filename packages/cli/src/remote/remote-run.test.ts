import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { startRemoteRun } from "./remote-run.ts";

let close = () => {};
afterEach(() => close());

/** The address of a server that answers everything in one way. */
async function answering(answer: (response: ServerResponse) => void): Promise<URL> {
  const server = createServer((request, response) => {
    request.resume().on("end", () => answer(response));
  });
  close = () => {
    server.closeAllConnections();
    server.close();
  };
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
}

const json = { "content-type": "application/json" };
const stream = { "content-type": "text/event-stream" };

async function failure(server: URL, live: boolean): Promise<string> {
  const run = startRemoteRun(server, Buffer.from("{}"), live);
  try {
    if (live) for await (const _ of run.events());
    await run.result;
  } catch (error) {
    return String(error).replace(server.origin, "SERVER");
  }
  throw new Error("it did not fail");
}

const notUnderstood = "it sent what this version does not understand, at";

test.each<[string, boolean, (response: ServerResponse) => void, string]>([
  ["a record of another shape", false, (r) => r.writeHead(200, json).end('{"id": 7}'), `${notUnderstood} status`],
  ["no JSON", false, (r) => r.writeHead(200, json).end("\ufeff{"), `${notUnderstood} (body)`],
  [
    "an event of another shape",
    true,
    (r) => r.writeHead(200, stream).end('data: {"type":"later","seq":0}\n\n'),
    `${notUnderstood} type`,
  ],
  ["a stream without an end", true, (r) => r.writeHead(200, stream).end(": hello\n\n"), "the server ended its answer"],
  ["a page", true, (r) => r.writeHead(200, { "content-type": "text/html" }).end("<p>"), "answered with status 200"],
  ["a redirect", false, (r) => r.writeHead(302, { location: "/" }).end(), "answered with status 302 and no type"],
])("%s is told as the server's, without its text", async (_name, live, answer, says) => {
  const message = await failure(await answering(answer), live);
  expect(message).toContain("SERVER");
  expect(message).toContain(says);
  expect(message.length).toBeLessThan(200);
});

test("what is no problem of ours is read for a megabyte at most", async () => {
  const server = await answering((response) => {
    response.writeHead(500);
    const more = () => {
      while (response.write("x".repeat(65_536)));
    };
    response.on("drain", more);
    more();
  });
  expect(await failure(server, false)).toContain("the server's answer is over 1048576 bytes");
});
