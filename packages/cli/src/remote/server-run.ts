/**
 * One run on a server. Its states: `preparing`, while standard input and files are read; `sent`, while the server takes
 * the program and starts it; `running`, from the event `started` on, which names it; `fetching`, from its end on, while
 * its record and its files are brought; over.
 *
 * The answer to the request is its events, which are read as fast as output is taken. Closing that connection makes the
 * server end the program at once. So a cancel before `started` closes it, and the run has no end to tell
 * (`CancelledEarly`); one after it is a request of its own, with the grace, and the events go on to the end. While it is
 * fetching, a cancel gives up what is not there yet.
 */
import {
  binaryEventsWarning,
  executionSchema,
  type FinishedExecution,
  type HostRequest,
  ProblemError,
} from "@glovebox/protocol";
import {
  type BroughtStdin,
  CancelledEarly,
  cutWarning,
  type TargetEnd,
  type TargetIo,
  type TargetRun,
  unlessAborted,
} from "../target/target.ts";
import { fetchArtifacts } from "./artifacts.ts";
import type { Connection } from "./connection.ts";
import { bytesOf, readEvents } from "./events.ts";
import { requestBody } from "./request-body.ts";

const binaryWarnings: readonly string[] = [binaryEventsWarning("stdout"), binaryEventsWarning("stderr")];

export class ServerRun implements TargetRun {
  readonly end: Promise<TargetEnd>;
  readonly #connection: Connection;
  readonly #io: TargetIo;
  /** Closes every connection of the run. */
  readonly #closing = new AbortController();
  /** Ours, for the record. */
  readonly #warnings: string[];
  #id: string | undefined;
  #finished = false;

  constructor(connection: Connection, request: HostRequest, io: TargetIo) {
    this.#connection = connection;
    this.#io = io;
    this.#warnings = [...(io.warnings ?? [])];
    this.end = this.#perform(request);
    this.end.catch(() => {}); // whoever waits for it is told
  }

  cancel({ graceMs }: { readonly graceMs?: number } = {}): void {
    if (this.#id === undefined || this.#finished) {
      this.#closing.abort();
      return;
    }
    const body = Buffer.from(JSON.stringify({ graceMs }));
    const asked = this.#connection.ask("application/json", { path: `${this.#place(this.#id)}/cancel`, body });
    // A server that cannot be told is left, which ends the program too.
    asked.then(
      (answer) => answer.destroy(),
      () => this.#finished || this.#closing.abort(),
    );
  }

  async #perform(request: HostRequest): Promise<TargetEnd> {
    try {
      const { outFolder } = this.#io;
      const last = await this.#follow(await this.#bodyOf(request));
      this.#finished = true;
      const record = await this.#recordOf(last);
      const files =
        outFolder === undefined
          ? { written: [], notWritten: [] }
          : await fetchArtifacts(this.#connection, record, outFolder, this.#closing.signal);
      return { execution: { ...record, warnings: [...this.#warnings, ...record.warnings] }, ...files };
    } catch (error) {
      throw this.#closing.signal.aborted && !this.#finished ? new CancelledEarly() : error;
    }
  }

  async #bodyOf(request: HostRequest): Promise<Buffer> {
    const bringing: Promise<BroughtStdin> = this.#io.stdin?.() ?? Promise.resolve({});
    const { bytes, warning } = await unlessAborted(bringing, this.#closing.signal);
    if (warning !== undefined) this.#warnings.push(warning);
    return requestBody(request, bytes);
  }

  /** Sends the program and passes its output on. Resolves with its record without the output that came as events. */
  async #follow(body: Buffer): Promise<FinishedExecution> {
    const question = { path: "v1/executions", body, signal: this.#closing.signal };
    const answer = await this.#connection.ask("text/event-stream", question);
    for await (const event of readEvents(this.#connection, answer)) {
      if (event.type === "started") this.#id = event.id;
      else if (event.type === "stdout" || event.type === "stderr") await this.#io.output?.(event.type, bytesOf(event));
      else if (event.type === "cut" && this.#io.output !== undefined) this.#warnings.push(cutWarning(event));
      else if (event.type === "rejected") throw ProblemError.of(event.problem);
      else if (event.type === "finished") return event.execution;
    }
    throw this.#connection.named(new Error("the server ended its answer before the program had ended"));
  }

  /** The record as the caller wants it: who took the output knows its bytes, and who did not has it in the record. */
  async #recordOf(last: FinishedExecution): Promise<FinishedExecution> {
    if (this.#io.output !== undefined) {
      return { ...last, warnings: last.warnings.filter((warning) => !binaryWarnings.includes(warning)) };
    }
    try {
      const question = { path: this.#place(last.id), signal: this.#closing.signal };
      const kept = await this.#connection.askJson(executionSchema, question);
      if (kept.status === "finished") return kept;
    } catch (error) {
      const isKeptNoMore = error instanceof ProblemError && error.code === "not-found";
      if (!isKeptNoMore && !this.#closing.signal.aborted) throw error;
    }
    this.#warnings.push("the output is missing: the server has no record of this run");
    return last;
  }

  #place(id: string): string {
    return `v1/executions/${encodeURIComponent(id)}`;
  }
}
