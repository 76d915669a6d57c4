import { type ExecutionRequest, type ProblemError, runtimeSchema } from "@glovebox/protocol";
import { readConfig } from "@glovebox/server/config";
import { expect, test } from "vitest";
import { effectiveLimits } from "./effective-limits.ts";

const mebibyte = 1024 * 1024;
const runtime = runtimeSchema.parse({
  name: "slow",
  title: "Slow",
  aliases: [],
  extensions: [".slow"],
  mainFile: "main.slow",
  tools: { slow: ["slow"] },
  version: { command: ["{slow}"], pattern: "." },
  packages: ["slow"],
  start: "command",
  run: ["{slow}"],
  compile: { command: ["{slow}"], sources: [".slow"], limits: { timeoutMs: 90_000 } },
  floor: { memoryBytes: 128 * mebibyte, processes: 16 },
});

function limitsOf(request: Partial<ExecutionRequest>, environment: Record<string, string> = {}) {
  return effectiveLimits({ code: "1", ...request }, runtime, readConfig(environment));
}

function refusal(request: Partial<ExecutionRequest>, environment?: Record<string, string>) {
  try {
    limitsOf(request, environment);
  } catch (error) {
    const { code, errors } = error as ProblemError;
    return [code, ...errors.map(({ field, message }) => `${field}: ${message}`)];
  }
  throw new Error("it was not refused");
}

test("each stage has its own defaults", () => {
  const { run, compile } = limitsOf({});
  expect([run.timeoutMs, run.memoryBytes]).toEqual([30_000, 512 * mebibyte]);
  expect([compile.timeoutMs, compile.memoryBytes]).toEqual([90_000, 1_024 * mebibyte]);
});

test("each stage has what was asked for it", () => {
  const { run, compile } = limitsOf({ limits: { timeoutMs: 1 }, compileLimits: { timeoutMs: 2 } });
  expect([run.timeoutMs, compile.timeoutMs]).toEqual([1, 2]);
});

test("defaults are lowered to the ceiling and raised to what the language needs", () => {
  const { run, compile } = limitsOf({}, { GLOVEBOX_CEILING_TIMEOUT_MS: "500", GLOVEBOX_DEFAULT_PROCESSES: "3" });
  expect([run.timeoutMs, compile.timeoutMs, run.processes]).toEqual([500, 500, 16]);
});

test("a ceiling below what the language needs is kept all the same", () => {
  expect(limitsOf({}, { GLOVEBOX_CEILING_PROCESSES: "5" }).run.processes).toBe(5);
});

test("what is asked over the ceiling or below what the language needs is refused by field, in its own unit", () => {
  expect(refusal({ limits: { memoryBytes: 64 * mebibyte, processes: 15 } })).toEqual([
    "invalid-request",
    "limits.memoryBytes: 64 MB is too little: Slow needs 128 MB",
    "limits.processes: 15 is too little: Slow needs 16",
  ]);
  expect(refusal({ compileLimits: { timeoutMs: 2_000 } }, { GLOVEBOX_CEILING_TIMEOUT_MS: "1000" })).toEqual([
    "limit-over-ceiling",
    "compileLimits.timeoutMs: 2 s is over this host's ceiling of 1 s",
  ]);
});
