import { type ExecutionRequest, type ProblemError, runtimeSchema } from "@glovebox/protocol";
import { readConfig } from "@glovebox/server/config";
import { expect, test } from "vitest";
import { refuseLimits } from "./limit-bounds.ts";

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

/** What a request is refused with; undefined when it is not. */
function refusal(request: Partial<ExecutionRequest>, environment: Record<string, string> = {}) {
  try {
    refuseLimits({ code: "1", ...request }, runtime, readConfig(environment));
    return undefined;
  } catch (error) {
    const { code, errors } = error as ProblemError;
    return [code, ...errors.map(({ field, message }) => `${field}: ${message}`)];
  }
}

test("what is within the bounds of each stage is taken", () => {
  expect(refusal({})).toBeUndefined();
  expect(refusal({ limits: { timeoutMs: 3_600_000, processes: 16 }, compileLimits: { timeoutMs: 1 } })).toBeUndefined();
});

test("a ceiling below what the language needs may be asked for", () => {
  expect(refusal({ limits: { processes: 5 } }, { GLOVEBOX_CEILING_PROCESSES: "5" })).toBeUndefined();
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
