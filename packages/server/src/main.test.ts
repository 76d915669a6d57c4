import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { ProblemError } from "@glovebox/protocol";
import { afterEach, expect, test, vi } from "vitest";
import { readConfig } from "./config/index.ts";
import { type Server, serve } from "./main.ts";
import { createFakePrograms, type FakeProgram, type FakePrograms } from "./testing/fake-programs.ts";

const untilCancelled: FakeProgram = async function* (_program, cancelled) {
  yield { type: "progress", fraction: null, message: null };
  await cancelled;
};

/** As long as a test may take: one second, what there is by itself, is less than a busy machine stands still for. */
const patience = { timeout: 60_000 };

let server: Server | undefined;
afterEach(() => server?.close());

async function start(program: FakeProgram, graceMs: number): Promise<FakePrograms> {
  const sandboxes = createFakePrograms(program);
  const config = readConfig({ GLOVEBOX_PORT: "0" });
  server = await serve({ config, log: () => {}, open: async () => sandboxes, graceMs });
  return sandboxes;
}

function post(url: string): Promise<Response> {
  const headers = { "content-type": "application/json", connection: "close" };
  return fetch(`${url}/v1/executions`, { method: "POST", headers, body: '{"code":"1"}' });
}

test("it listens when the sandboxes are there, not before", async () => {
  let ready = () => {};
  const opened = new Promise<void>((resolve) => {
    ready = resolve;
  });
  const log: string[] = [];
  const starting = serve({
    config: readConfig({ GLOVEBOX_PORT: "0", GLOVEBOX_POOL_MIN: "2", GLOVEBOX_DEFAULT_TIMEOUT_MS: "500" }),
    log: (line) => log.push(line),
    async open(options) {
      expect(options).toMatchObject({
        preload: ["numpy", "pandas", "scipy", "matplotlib", "seaborn"],
        pool: { min: 2 },
        defaults: { timeoutMs: 500 },
      });
      await opened;
      return createFakePrograms(function* () {});
    },
  });
  const early = await Promise.race([starting, new Promise((resolve) => setTimeout(resolve, 50, "not yet"))]);
  expect(early).toBe("not yet");
  ready();
  server = await starting;
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  expect(log).toEqual([]);
});

test("a language that cannot be ready at the start is a setting to change", async () => {
  const config = readConfig({ GLOVEBOX_PORT: "0", GLOVEBOX_LANGUAGES: "python,lua" });
  const open = async ({ languages }: { languages?: readonly string[] }) => {
    expect(languages).toEqual(["python", "lua"]);
    throw new ProblemError("language-unavailable", "Lua is not installed on this host; run: ./glovebox setup lua", {
      errors: [{ field: "language", message: "run: ./glovebox setup lua" }],
    });
  };
  await expect(serve({ config, log: () => {}, open })).rejects.toMatchObject({
    code: "invalid-configuration",
    errors: [{ field: "languages", message: "Lua is not installed on this host; run: ./glovebox setup lua" }],
  });
});

test("while closing, what runs may end within the grace", async () => {
  let finish = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const sandboxes = await start(async function* () {
    yield { type: "progress", fraction: null, message: null };
    await finished;
    return { value: "done" };
  }, 60_000);
  const { url = "" } = server ?? {};
  const answer = post(url);
  await vi.waitFor(() => expect(sandboxes.calls[0]?.yielded).toBe(1), patience);
  const closed = server?.close();
  expect((await fetch(`${url}/healthz`)).status).toBe(503);
  expect((await post(url)).status).toBe(503);
  finish();
  expect(await (await answer).json()).toMatchObject({ value: "done" });
  await closed;
  expect(sandboxes.calls[0]?.cancels).toEqual([]);
  await expect(post(url)).rejects.toThrow();
});

test("what outlives the grace is cancelled and answered as cancelled", async () => {
  const sandboxes = await start(untilCancelled, 50);
  const answer = post(server?.url ?? "");
  await vi.waitFor(() => expect(sandboxes.calls[0]?.yielded).toBe(1), patience);
  await server?.close();
  expect(await (await answer).json()).toMatchObject({ outcome: { kind: "cancelled" } });
  expect(sandboxes.closed).toBe(true);
});

test("an address in use is a problem that names the setting, and the sandboxes are closed", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => other.once("listening", resolve));
  const { port } = other.address() as AddressInfo;
  const sandboxes = createFakePrograms(function* () {});
  const config = readConfig({ GLOVEBOX_PORT: String(port) });
  const starting = serve({ config, log: () => {}, open: async () => sandboxes });
  const message = `port ${port} of 127.0.0.1 is in use: stop what listens there, or take another port (0 is a free one)`;
  await expect(starting).rejects.toMatchObject({
    code: "invalid-configuration",
    message: `port: ${message}`,
    errors: [{ field: "port", message }],
  });
  expect(sandboxes.closed).toBe(true);
  other.close();
});

test("an address of another machine is a problem that names the setting", async () => {
  const config = readConfig({ GLOVEBOX_PORT: "0", GLOVEBOX_HOST: "192.0.2.1" });
  const open = async () => createFakePrograms(function* () {});
  const message = '"192.0.2.1" is no address of this machine: take one of its own, or 127.0.0.1';
  await expect(serve({ config, log: () => {}, open })).rejects.toMatchObject({
    code: "invalid-configuration",
    errors: [{ field: "host", message }],
  });
});

test("listening for others than this machine is said aloud", async () => {
  const log: string[] = [];
  const sandboxes = createFakePrograms(function* () {});
  const config = readConfig({ GLOVEBOX_PORT: "0", GLOVEBOX_HOST: "0.0.0.0" });
  server = await serve({ config, log: (line) => log.push(line), open: async () => sandboxes });
  expect(log).toEqual(["warning: everyone who can reach this address can run programs here"]);
});
