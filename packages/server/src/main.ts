/**
 * Connects the layers of the server. Its life: `starting` (sandboxes are being made, nothing listens),
 * `serving`, `closing` (new executions are refused, running ones may end), `closed`.
 * The first signal or `close()` starts the closing; a second signal ends the process at once.
 */
import { type AddressInfo, BlockList, isIPv6 } from "node:net";
import { constants } from "node:os";
import { ProblemError, type Programs } from "@glovebox/protocol";
import { createSandboxes, type SandboxOptions } from "@glovebox/sandbox";
import type { FastifyInstance } from "fastify";
import { type Config, sandboxOptions } from "./config/index.ts";
import { definedOnly } from "./defined.ts";
import { createEngine, type Engine } from "./engine/index.ts";
import { createHttp } from "./http/create-http.ts";
import { createMemoryStore } from "./store/index.ts";
import { version } from "./version.ts";

/** What runs programs, and is closed by the server. */
export interface OpenPrograms extends Programs {
  close(): Promise<void>;
}

export interface ServeOptions {
  readonly config: Config;
  /** Receives one line for each thing an operator should know. */
  readonly log: (line: string) => void;
  /** How to make the sandboxes; by default the ones of this host. */
  readonly open?: (options: SandboxOptions) => Promise<OpenPrograms>;
  /** Time for running executions to end by themselves while closing, in milliseconds. Default 5 000. */
  readonly graceMs?: number;
}

export interface Server {
  /** Where it listens, for instance `http://127.0.0.1:7070`. */
  readonly url: string;
  /** Starts the closing; resolves when everything is gone. Idempotent. */
  close(): Promise<void>;
}

/** Time for answers that are complete to reach their clients while closing. */
const flushMs = 1_000;

/** Starts a server; resolves when it listens. Throws `ProblemError` when it cannot. */
export async function serve(options: ServeOptions): Promise<Server> {
  const { config, log, open = createSandboxes, graceMs = 5_000 } = options;
  const { poolMin, poolMax } = config;
  const sandboxes = await open({
    ...sandboxOptions(config),
    preload: config.preload,
    languages: config.languages,
    pool: definedOnly({ min: poolMin, max: poolMax }),
    log,
  }).catch((error: unknown) => {
    throw ofSettings(error);
  });
  try {
    const engine = createEngine(sandboxes, createMemoryStore({ keepBytes: config.keepBytes }));
    const { host, allowedHosts, bodyLimitBytes } = config;
    const app = createHttp(engine, { bodyLimitBytes, allowedHosts: [host, ...allowedHosts], version, log });
    await listen(app, config);
    const url = urlOf(app);
    if (!isLoopback(app)) log("warning: everyone who can reach this address can run programs here");
    let closed: Promise<void> | undefined;
    const close = () => {
      closed ??= closeAll(app, engine, sandboxes, graceMs);
      return closed;
    };
    return { url, close };
  } catch (error) {
    await sandboxes.close();
    throw error;
  }
}

/** A language that cannot be ready at the start is a setting to change. */
function ofSettings(error: unknown): unknown {
  const codes: readonly string[] = ["unknown-language", "language-unavailable"];
  if (!(error instanceof ProblemError) || !codes.includes(error.code)) return error;
  const message = error.message.replace(/^language: /, "");
  const errors = [{ field: "languages", message }];
  return new ProblemError("invalid-configuration", `languages: ${message}`, { errors, cause: error });
}

/** What the system says of an address and a port, and which of the two settings is to change. */
const refusals: Readonly<Record<string, { setting: "host" | "port"; mend: string }>> = {
  EADDRINUSE: { setting: "port", mend: "is in use: stop what listens there, or take another port (0 is a free one)" },
  EACCES: { setting: "port", mend: "is not for this user: take one from 1024 on (0 is a free one)" },
  EADDRNOTAVAIL: { setting: "host", mend: "is no address of this machine: take one of its own, or 127.0.0.1" },
  ENOTFOUND: { setting: "host", mend: "is no name with an address: take an address of this machine" },
  EAI_AGAIN: { setting: "host", mend: "could not be resolved: take an address of this machine" },
};

async function listen(app: FastifyInstance, { host, port }: Config): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
    const { setting, mend } = refusals[code] ?? {
      setting: "host",
      mend: `cannot be listened on, port ${port} (${code})`,
    };
    const message = setting === "port" ? `port ${port} of ${host} ${mend}` : `${JSON.stringify(host)} ${mend}`;
    const errors = [{ field: setting, message }];
    throw new ProblemError("invalid-configuration", `${setting}: ${message}`, { errors, cause });
  }
}

/** Where the server really listens: a name can have several addresses, and the system may choose the port. */
function addressesOf(app: FastifyInstance): AddressInfo[] {
  return app.addresses().filter((address) => typeof address !== "string");
}

function urlOf(app: FastifyInstance): string {
  const [bound] = addressesOf(app);
  if (bound === undefined) throw new Error("the server does not listen");
  return `http://${isIPv6(bound.address) ? `[${bound.address}]` : bound.address}:${bound.port}`;
}

function isLoopback(app: FastifyInstance): boolean {
  return addressesOf(app).every(({ address }) => loopback.check(address, isIPv6(address) ? "ipv6" : "ipv4"));
}

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/**
 * Health checks and refusals are answered while the running executions end, so that a load balancer sees
 * the shutdown. What still runs after the grace is cancelled and answered as such.
 */
async function closeAll(app: FastifyInstance, engine: Engine, sandboxes: OpenPrograms, graceMs: number): Promise<void> {
  const drained = engine.drain();
  await within(graceMs, drained);
  await sandboxes.close();
  await drained;
  const unflushed = setTimeout(() => app.server.closeAllConnections(), flushMs);
  await app.close();
  clearTimeout(unflushed);
}

async function within(milliseconds: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([work, new Promise((resolve) => (timer = setTimeout(resolve, milliseconds)))]);
  clearTimeout(timer);
}

/** Resolves when a signal asked for the end and the server is closed. */
export function closeOnSignal(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    let asked = false;
    const onSignal = (signal: "SIGINT" | "SIGTERM" | "SIGHUP") => {
      if (asked) process.exit(128 + constants.signals[signal]);
      asked = true;
      server.close().then(resolve, reject);
    };
    process.on("SIGINT", onSignal);
    process.on("SIGTERM", onSignal);
    process.on("SIGHUP", onSignal);
  });
}
