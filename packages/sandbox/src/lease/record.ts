import { isUtf8 } from "node:buffer";
import {
  type Artifact,
  type Compilation,
  type Display,
  type FinishedExecution,
  type FinishedFrame,
  type Isolation,
  type Limits,
  type Metrics,
  type Outcome,
  type ProgramError,
  type RunnerMessage,
  type Sample,
  unfinishedBytes,
  type Value,
} from "@glovebox/protocol";
import type { RunEvent } from "../api.ts";
import { Collected } from "./collected.ts";
import { errorTextBytes, maxSource } from "./error-text.ts";
import { JsonSize } from "./json-size.ts";
import { Tail } from "./tail.ts";

/** Warnings kept of those that the program can cause, and of those that its warden has. */
const maxWarnings = 100;
/** Output that one record holds, both streams together, in bytes of its JSON: one byte of output may need six. */
const maxCollectedJsonBytes = 32 * 1024 * 1024;

/** How the languages say EAGAIN, and Java that it got no thread. */
const tryAgain = /^\[Errno 11\]|\bEAGAIN\b|[Rr]esource temporarily unavailable|unable to create native thread/;
/** Where EAGAIN means a refused process rather than input that is not there yet: in the message, or on the failing line. */
const startsProcess = /fork|spawn|Popen|[Pp]rocess|system|start|thread/;

/** How the languages say that a descriptor was refused (EMFILE). */
const tooManyFiles = /\bEMFILE\b|[Tt]oo many open files/;

/** What is known about one run while it goes on; becomes its `Execution` at the end. */
export class RunRecord {
  readonly warnings: string[];
  readonly artifacts: Artifact[] = [];
  readonly samples: Sample[] = [];
  /** The end of stderr, also when the output is not collected. */
  readonly errorText = new Tail(errorTextBytes);
  readonly #stdout = new Collected();
  readonly #stderr = new Collected();
  readonly #jsonSize = { stdout: new JsonSize(), stderr: new JsonSize() };
  readonly #displays: Display[] = [];
  readonly #results = new Map<string, Value>();
  #collected = 0;
  #collectedJson = 0;
  #cut = false;
  #variables: Record<string, Value> = {};
  #value: Value = null;
  #error: ProgramError | null = null;

  constructor(warnings: readonly string[]) {
    this.warnings = [...warnings];
  }

  warn(text: string): void {
    if (this.warnings.length < maxWarnings) this.warnings.push(text);
  }

  output(stream: "stdout" | "stderr", data: Buffer): void {
    if (this.#cut) return;
    this.#collectedJson += this.#jsonSize[stream].of(data);
    if (this.#collectedJson > maxCollectedJsonBytes) {
      this.warn(`the record holds the first ${this.#collected} bytes of output; read events for more`);
      this.#cut = true;
      return;
    }
    this.#collected += data.length;
    (stream === "stdout" ? this.#stdout : this.#stderr).push(data);
  }

  /** Takes one message of the runner; returns the event it makes, if any. */
  message(message: RunnerMessage): RunEvent | undefined {
    switch (message.type) {
      case "value":
        this.#value = message.value;
        return undefined;
      case "display":
        this.#displays.push(message.data);
        return { type: "display", data: message.data };
      case "result":
        this.#results.set(message.name, message.value);
        return { type: "result", name: message.name, value: message.value };
      case "variables":
        this.#variables = message.variables;
        return undefined;
      case "progress":
        return { type: "progress", fraction: message.fraction, message: message.message };
      case "error":
        this.#error = withShortSources(message.error);
        return undefined;
      case "warning":
        this.warn(message.message);
        return undefined;
    }
  }

  get error(): ProgramError | null {
    return this.#error;
  }

  get stdoutText(): string {
    return this.#stdout.bytes().toString("utf8");
  }

  get stderrText(): string {
    return this.#stderr.bytes().toString("utf8");
  }

  /** The bytes of a stream in base64, where they are no text. A character that was cut off at the end is none. */
  #base64Of(stream: "stdout" | "stderr", wasCut: boolean): string | undefined {
    const bytes = (stream === "stdout" ? this.#stdout : this.#stderr).bytes();
    if (isUtf8(wasCut ? bytes.subarray(0, bytes.length - unfinishedBytes(bytes)) : bytes)) return undefined;
    this.warn(`${stream} is not UTF-8: ${stream}Base64 has its bytes`);
    return bytes.toString("base64");
  }

  /** Takes an error that was read from the output, unless the runner has sent one. */
  foundError(error: ProgramError | null): void {
    this.#error ??= error;
  }

  /**
   * Adds what only the program's own error tells: limits that it met as errors of calls. `outOfMemory`: patterns of
   * errors by which a runtime that keeps its own heap says that the memory limit is met.
   */
  classify(outcome: Outcome, isolation: Isolation, outOfMemory: readonly string[] = []): Outcome {
    const ended = outcome.kind === "signalled" || (outcome.kind === "exited" && outcome.code !== 0);
    if (!ended || this.#error === null) return outcome;
    const { stage, violations } = outcome;
    const { type, message, traceback, frames } = this.#error;
    const sampled = isolation.cgroups === "none";
    if (
      (sampled && type === "MemoryError") ||
      (outcome.kind === "exited" && outOfMemory.some((pattern) => new RegExp(pattern).test(`${type}: ${message}`)))
    ) {
      return { kind: "out-of-memory", stage, violations };
    }
    const met = new Set(violations);
    if (message.startsWith("[Errno 24]") || tooManyFiles.test(message)) met.add("openFiles");
    // A program that is refused a process and ends at once is gone before it is looked at.
    const failing = [message, frames.at(-1)?.source, ...lastLines(traceback)].join(" ");
    if (sampled && tryAgain.test(message) && startsProcess.test(failing)) met.add("processes");
    return met.size === violations.length ? outcome : { ...outcome, violations: [...met].sort() };
  }

  execution(head: {
    id: string;
    language: string;
    outcome: Outcome;
    limits: Limits;
    compileLimits: Limits | undefined;
    metrics: Metrics;
    isolation: Isolation;
    metadata: Readonly<Record<string, Value>> | undefined;
    compile: Compilation | undefined;
    createdAt: string;
    startedAt: string | undefined;
    finishedAt: string;
  }): FinishedExecution {
    const { metadata, compile, compileLimits, startedAt, ...rest } = head;
    const wasCut = this.#cut || head.outcome.kind === "output-limit";
    const stdoutBase64 = this.#base64Of("stdout", wasCut);
    const stderrBase64 = this.#base64Of("stderr", wasCut);
    return {
      ...rest,
      status: "finished",
      stdout: this.stdoutText,
      stderr: this.stderrText,
      ...(stdoutBase64 === undefined ? {} : { stdoutBase64 }),
      ...(stderrBase64 === undefined ? {} : { stderrBase64 }),
      value: this.#value,
      results: Object.fromEntries(this.#results),
      variables: this.#variables,
      displays: this.#displays,
      artifacts: this.artifacts,
      error: this.#error,
      ...(startedAt === undefined ? {} : { startedAt }),
      ...(compileLimits === undefined ? {} : { compileLimits }),
      ...(compile === undefined ? {} : { compile }),
      findings: [],
      warnings: this.warnings,
      ...(metadata === undefined ? {} : { metadata: { ...metadata } }),
    };
  }
}

/** The end of a traceback: the line that failed, which may be a library's and in no frame, and the message. */
function lastLines(traceback: string): string[] {
  const lines = traceback.trimEnd().split("\n").slice(-4);
  return lines.filter((line) => !line.trimStart().startsWith('File "'));
}

/** A program of one long line would have it in every frame of every record. */
function withShortSources(error: ProgramError): ProgramError {
  const frames = error.frames.map((frame) => ({ ...frame, source: frame.source?.slice(0, maxSource) ?? null }));
  return { ...error, frames };
}

/** Artifacts left out that have a warning each; more of them share one, with some names for each reason. */
const toldApart = 20;
const namesOfReason = 3;

/** The warnings that the last frame of a warden gives rise to. */
export function finishedWarnings(frame: FinishedFrame): string[] {
  return [...frame.warnings.slice(0, maxWarnings), ...leftOut(frame)];
}

/** What stays in the sandbox. The warden has escaped the names: they are shown as they come. */
function leftOut({ skipped, notListed }: FinishedFrame): string[] {
  if (skipped.length <= toldApart && notListed === 0) {
    return skipped.map(({ path, reason }) => `artifact "${path}" was left out: ${reason}`);
  }
  const byReason = new Map<string, string[]>();
  for (const { path, reason } of skipped) byReason.set(reason, [...(byReason.get(reason) ?? []), `"${path}"`]);
  const parts = [...byReason].map(([reason, names]) => {
    const more = names.length - namesOfReason;
    return `${reason} (${names.slice(0, namesOfReason).join(", ")}${more > 0 ? ` and ${more} more` : ""})`;
  });
  if (notListed > 0) parts.push(`${notListed} more that are not listed`);
  return [`${skipped.length + notListed} artifacts were left out: ${parts.join("; ")}`];
}

export function metricsOf(frame: FinishedFrame, queueMs: number, samples: Sample[] | undefined): Metrics {
  return { ...frame.metrics, queueMs, ...(samples === undefined ? {} : { samples }) };
}

/** Time after the wall-clock limit at which a silent warden is taken for dead, in milliseconds. */
export function backstopMs(limits: Limits): number {
  return limits.timeoutMs + 10_000;
}
