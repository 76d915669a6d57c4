import type { ServerResponse } from "node:http";
import { languageListSchema } from "@glovebox/protocol";
import { expect, test } from "vitest";
import { json, type Script, scriptedServer } from "../../test/support/scripted-server.ts";
import { Connection } from "./connection.ts";

const patience = { silenceMs: 100, aliveMs: 100 };

/** What is said of a question that a server answers so. */
async function failure(script: Script): Promise<string> {
  const { url } = await scriptedServer(script);
  const connection = new Connection(url, patience);
  try {
    await connection.askJson(languageListSchema, { path: "v1/languages" });
  } catch (error) {
    return String(error).replace(url.origin, "SERVER");
  } finally {
    connection.close();
  }
  throw new Error("it did not fail");
}

const notUnderstood = "it sent what this version does not understand, at";

test.each<[string, (response: ServerResponse) => void, string]>([
  ["an answer of another shape", (r) => r.writeHead(200, json).end('{"languages": 7}'), `${notUnderstood} languages`],
  ["no JSON", (r) => r.writeHead(200, json).end("\ufeff{"), `${notUnderstood} (body)`],
  ["a page", (r) => r.writeHead(200, { "content-type": "text/html" }).end("<p>"), "answered with status 200"],
  ["a redirect", (r) => r.writeHead(302, { location: "/" }).end(), "answered with status 302 and no type"],
  ["an answer that breaks off", (r) => r.writeHead(200, json).write("{", () => r.destroy()), "SERVER: aborted"],
])("%s is told as the server's, without its text", async (_name, answer, says) => {
  const message = await failure((_request, response) => answer(response));
  expect(message).toContain("SERVER");
  expect(message).toContain(says);
  expect(message.length).toBeLessThan(200);
});

test("a problem of the server's is the problem", async () => {
  const problem = { type: "urn:glovebox:problem:closed", title: "t", status: 503, code: "closed", advice: "a" };
  const body = JSON.stringify({ ...problem, detail: "the server takes no new executions", errors: [] });
  const message = await failure((_request, response) => response.writeHead(503, json).end(body));
  expect(message).toBe("ProblemError: the server takes no new executions");
});

test("what is no problem of ours is read for a megabyte at most", async () => {
  const message = await failure((_request, response) => {
    response.writeHead(500);
    const more = () => {
      while (response.write("x".repeat(65_536)));
    };
    response.on("drain", more);
    more();
  });
  expect(message).toContain("the server's answer is over 1048576 bytes");
});

test("a server that takes a connection and then says nothing is given up", async () => {
  expect(await failure(() => {})).toBe("ProblemError: SERVER: it has said nothing for 0.1 s");
});

test("a server that stops within an answer is given up", async () => {
  const message = await failure((_request, response) => response.writeHead(200, json).write("{"));
  expect(message).toBe("ProblemError: SERVER: it has said nothing for 0.1 s");
});

test("a server that takes long for an answer, and is there, is waited for", async () => {
  const { url, paths } = await scriptedServer(({ path }, response) => {
    if (path === "/healthz") response.writeHead(503, json).end("{}");
    else setTimeout(() => response.writeHead(200, json).end('{"languages":[]}'), 350);
  });
  const connection = new Connection(url, patience);
  expect(await connection.askJson(languageListSchema, { path: "v1/languages" })).toEqual({ languages: [] });
  connection.close();
  expect(paths().slice(0, 2)).toEqual(["GET /v1/languages", "GET /healthz"]);
});

test("who takes an answer slowly is not held for a silent server", async () => {
  const { url } = await scriptedServer((_request, response) => {
    response.writeHead(200, json).write("1");
    setTimeout(() => response.end("2"), 50);
  });
  const connection = new Connection(url, patience);
  const pieces: string[] = [];
  for await (const piece of connection.pieces(await connection.ask("application/json", { path: "x" }))) {
    pieces.push(piece.toString());
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  connection.close();
  expect(pieces).toEqual(["1", "2"]);
});
