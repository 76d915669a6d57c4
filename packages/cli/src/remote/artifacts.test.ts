import { createHash } from "node:crypto";
import { existsSync, lstatSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Artifact } from "@glovebox/protocol";
import { expect, test } from "vitest";
import { record, type Script, scriptedServer } from "../../test/support/scripted-server.ts";
import { testFolder } from "../../test/support/test-folder.ts";
import { fetchArtifacts } from "./artifacts.ts";
import { Connection } from "./connection.ts";

const folder = testFolder();
const at = (name: string) => join(folder(), name);

const artifact = (path: string, content: string): Artifact => ({
  path,
  size: content.length,
  sha256: createHash("sha256").update(content).digest("hex"),
});

const bytes = { "content-type": "application/octet-stream" };
const sending =
  (content: string): Script =>
  (_request, response) =>
    response.writeHead(200, bytes).end(content);

/** Fetches these files from a server that answers so. */
async function fetched(script: Script, artifacts: readonly Artifact[], signal = new AbortController().signal) {
  const { url, paths } = await scriptedServer(script);
  const connection = new Connection(url);
  const result = await fetchArtifacts(connection, record({ artifacts: [...artifacts] }), folder(), signal);
  connection.close();
  return { ...result, paths: paths(), url };
}

test("files come with their folders and their content, whatever their names", async () => {
  const names = ["a.txt", "deep/er/100% ?#.txt"];
  const { written, notWritten, paths } = await fetched(
    sending("x"),
    names.map((name) => artifact(name, "x")),
  );
  expect([written, notWritten]).toEqual([names, []]);
  expect(paths).toEqual([
    "GET /v1/executions/one/artifacts/a.txt",
    "GET /v1/executions/one/artifacts/deep/er/100%25%20%3F%23.txt",
  ]);
  expect(names.map((name) => readFileSync(at(name), "utf8"))).toEqual(["x", "x"]);
});

test.each(["../outside", "/etc/outside", "a/../../outside", "a//b", ".", "", "a\0b"])(
  "a name that leads out of the folder, or is none, is not even asked for: %j",
  async (name) => {
    const { written, notWritten, paths } = await fetched(sending("x"), [artifact(name, "x")]);
    expect([written, paths]).toEqual([[], []]);
    expect(notWritten).toEqual([`not written: ${name}: the server gives it a name that no file can have`]);
  },
);

test("no link is followed and nothing but a regular file is replaced", async () => {
  const outside = join(folder(), "outside");
  mkdirSync(outside);
  writeFileSync(join(outside, "precious"), "precious");
  symlinkSync(outside, at("linked"));
  symlinkSync(join(outside, "precious"), at("link.txt"));
  mkdirSync(at("folder.txt"));
  writeFileSync(at("old.txt"), "old and longer");
  const names = ["linked/new.txt", "link.txt", "folder.txt", "old.txt"];
  const { written, notWritten } = await fetched(
    sending("x"),
    names.map((name) => artifact(name, "x")),
  );
  expect(written).toEqual(["old.txt"]);
  expect(notWritten).toEqual([
    "not written: linked/new.txt, link.txt, folder.txt: there is something else of that name",
  ]);
  expect(readFileSync(join(outside, "precious"), "utf8")).toBe("precious");
  expect(existsSync(join(outside, "new.txt"))).toBe(false);
  expect(lstatSync(at("link.txt")).isSymbolicLink()).toBe(true);
  expect(readFileSync(at("old.txt"), "utf8")).toBe("x");
});

test.each(["other", "content and more", "conten", ""])(
  "content that is not that of the record is not kept: %j",
  async (content) => {
    const { written, notWritten } = await fetched(sending(content), [artifact("a.txt", "content")]);
    expect([written, notWritten]).toEqual([
      [],
      ["not written: a.txt: the server sent other content than its record says"],
    ]);
    expect(existsSync(at("a.txt"))).toBe(false);
  },
);

test("what the server did not keep is said in one line", async () => {
  const problem = {
    type: "t",
    title: "t",
    status: 410,
    detail: "d",
    code: "content-not-kept",
    advice: "a",
    errors: [],
  };
  const script: Script = (_request, response) =>
    response.writeHead(410, { "content-type": "application/problem+json" }).end(JSON.stringify(problem));
  const names = Array.from({ length: 23 }, (_, index) => `${index}`);
  const { notWritten } = await fetched(
    script,
    names.map((name) => artifact(name, "x")),
  );
  expect(notWritten).toEqual([
    `not written: ${names.slice(0, 20).join(", ")} and 3 more: the server did not keep the content`,
  ]);
});

test("a server that is lost is not asked for the rest", async () => {
  const { written, notWritten, paths, url } = await fetched(
    ({ path }, response) => (path.endsWith("/a") ? response.writeHead(200, bytes).end("x") : response.destroy()),
    ["a", "b", "c"].map((name) => artifact(name, "x")),
  );
  expect(written).toEqual(["a"]);
  expect(notWritten).toEqual([`not written: b, c: the server was lost: ${url.origin}: socket hang up`]);
  expect(paths).toHaveLength(2);
});

test("what an interruption leaves is said", async () => {
  const interruption = new AbortController();
  const { notWritten, paths } = await fetched(
    () => interruption.abort(),
    ["a", "b"].map((name) => artifact(name, "x")),
    interruption.signal,
  );
  expect(notWritten).toEqual(["not written: a, b: the command was interrupted"]);
  expect(paths).toHaveLength(1);
});
