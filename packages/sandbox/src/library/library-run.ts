import { randomUUID } from "node:crypto";
import {
  type ArtifactSink,
  type FinishedExecution,
  finishedExecution,
  ProblemError,
  type Program,
  type ProgramEvent,
  type ProgramRun,
  type Programs,
  parseHostRequest,
} from "@glovebox/protocol";
import type { ExecutionSpec, Run, RunEvent, RunOptions } from "../api.ts";
import { folderSink } from "../lease/folder-sink.ts";
import { EventQueue } from "./event-queue.ts";
import { refuseUnknownOptionsOfRun } from "./run-options.ts";

/*
 * An execution as callers of the library see it: a run of a program that has an identity, times, a record, and events
 * for one reader.
 *
 * resolving -> running -> ended. A cancel while it is resolved is kept until there is a run to cancel.
 */
export class LibraryRun implements Run {
  readonly id = randomUUID();
  readonly result: Promise<FinishedExecution>;
  readonly #programs: Programs;
  readonly #events = new EventQueue(() => this.#run?.resume());
  readonly #createdAt = new Date().toISOString();
  #startedAt: string | undefined;
  #run: ProgramRun | undefined;
  #cancelled: { readonly graceMs?: number } | undefined;

  constructor(programs: Programs, spec: ExecutionSpec, options: RunOptions) {
    this.#programs = programs;
    this.result = this.#live(spec, options).catch((error: Error) => {
      this.#events.end(error);
      throw error;
    });
    this.result.catch(() => {}); // a caller that reads only the events must not bring the process down
  }

  events(): AsyncIterable<RunEvent> {
    return this.#events.read();
  }

  cancel(how: { readonly graceMs?: number } = {}): void {
    this.#cancelled = how;
    this.#run?.cancel(how);
  }

  async #live(spec: ExecutionSpec, options: RunOptions): Promise<FinishedExecution> {
    refuseUnknownOptionsOfRun(spec, options);
    const { request, warnings } = parseHostRequest(spec);
    const resolved = await this.#programs.resolve(request);
    const program = { ...resolved, warnings: [...(options.warnings ?? []), ...warnings, ...resolved.warnings] };
    const { signal, collectOutput, artifactsDir } = options;
    this.#run = this.#programs.run(program, {
      id: this.id,
      on: (event) => this.#tell(event),
      ...(signal === undefined ? {} : { signal }),
      ...(collectOutput === undefined ? {} : { collectOutput }),
      ...(artifactsDir === undefined ? {} : { artifacts: openFolder(artifactsDir) }),
    });
    if (this.#cancelled !== undefined) this.#run.cancel(this.#cancelled);
    return this.#finish(program, await this.#run.end);
  }

  /** False when the reader is behind. */
  #tell(event: ProgramEvent): boolean {
    if (event.type === "started") {
      this.#startedAt = new Date().toISOString();
      this.#events.push({ ...event, id: this.id });
    } else this.#events.push(event);
    return !this.#events.full;
  }

  #finish(program: Program, end: Awaited<ProgramRun["end"]>): FinishedExecution {
    const { language, limits, compileLimits, metadata } = program;
    const execution = finishedExecution(
      {
        id: this.id,
        language,
        limits,
        compileLimits,
        metadata,
        createdAt: this.#createdAt,
        startedAt: this.#startedAt,
        finishedAt: new Date().toISOString(),
        findings: [],
      },
      end,
    );
    this.#events.push({ type: "finished", execution });
    this.#events.end();
    return execution;
  }
}

function openFolder(folder: string): ArtifactSink {
  try {
    return folderSink(folder);
  } catch (cause) {
    const message = `${folder} cannot be made: ${(cause as Error).message}`;
    throw ProblemError.ofFields("invalid-request", [{ field: "artifactsDir", message }], cause);
  }
}
