import type { Artifact, Display, ProgramError, ProgramEvent, RunnerMessage, Sample, Value } from "@glovebox/protocol";
import { Collected } from "./collected.ts";
import { errorTextBytes, maxSource } from "./error-text.ts";
import { JsonSize } from "./json-size.ts";
import { Tail } from "./tail.ts";

/** Warnings kept of those that the program can cause. */
const maxWarnings = 100;
/** Output that one record holds, both streams together, in bytes of its JSON: one byte of output may need six. */
const maxCollectedJsonBytes = 32 * 1024 * 1024;

export type Stream = "stdout" | "stderr";

/** What a program said while it ran: its output, its messages, its files, and warnings about them. */
export class Capture {
  readonly warnings: string[];
  readonly artifacts: Artifact[] = [];
  readonly samples: Sample[] = [];
  readonly displays: Display[] = [];
  readonly results = new Map<string, Value>();
  variables: Readonly<Record<string, Value>> = {};
  value: Value = null;
  /** The end of stderr, also when the output is not collected. */
  readonly errorText = new Tail(errorTextBytes);
  readonly #output = { stdout: new Collected(), stderr: new Collected() };
  readonly #jsonSize = { stdout: new JsonSize(), stderr: new JsonSize() };
  #collected = 0;
  #collectedJson = 0;
  #cut = false;
  #error: ProgramError | null = null;

  constructor(warnings: readonly string[] = []) {
    this.warnings = [...warnings];
  }

  /** True when it holds the beginning of the output alone. */
  get cut(): boolean {
    return this.#cut;
  }

  get error(): ProgramError | null {
    return this.#error;
  }

  warn(text: string): void {
    if (this.warnings.length < maxWarnings) this.warnings.push(text);
  }

  output(stream: Stream, data: Buffer): void {
    if (this.#cut) return;
    this.#collectedJson += this.#jsonSize[stream].of(data);
    if (this.#collectedJson > maxCollectedJsonBytes) {
      this.warn(`the record holds the first ${this.#collected} bytes of output; read events for more`);
      this.#cut = true;
      return;
    }
    this.#collected += data.length;
    this.#output[stream].push(data);
  }

  bytes(stream: Stream): Buffer {
    return this.#output[stream].bytes();
  }

  text(stream: Stream): string {
    return this.bytes(stream).toString("utf8");
  }

  /** Takes one message of the runner; returns the event it makes, if any. */
  message(message: RunnerMessage): ProgramEvent | undefined {
    switch (message.type) {
      case "value":
        this.value = message.value;
        return undefined;
      case "display":
        this.displays.push(message.data);
        return { type: "display", data: message.data };
      case "result":
        this.results.set(message.name, message.value);
        return { type: "result", name: message.name, value: message.value };
      case "variables":
        this.variables = message.variables;
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

  /** Takes an error that was read from the output, unless the runner has sent one. */
  foundError(error: ProgramError | null): void {
    this.#error ??= error;
  }
}

/** A program of one long line would have it in every frame of every record. */
function withShortSources(error: ProgramError): ProgramError {
  const frames = error.frames.map((frame) => ({ ...frame, source: frame.source?.slice(0, maxSource) ?? null }));
  return { ...error, frames };
}
