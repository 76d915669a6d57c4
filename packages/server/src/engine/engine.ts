import {
  type Isolation,
  type Language,
  type LanguageQuery,
  type ParsedRequest,
  ProblemError,
  parseExecutionRequest,
} from "@glovebox/protocol";
import type { Run, RunOptions, SandboxPort, SandboxStats } from "./ports.ts";
import { type HostSources, toSpec } from "./spec.ts";

/**
 * The one way of an execution, for HTTP and for the CLI alike: parse, run in a sandbox, settle.
 *
 * The engine is `open` until `drain()`, then `closing` for good: it refuses new executions and lets the
 * running ones end. It does not own the sandboxes; whoever made them closes them after the drain.
 */
export interface Engine {
  readonly isolation: Isolation;
  readonly closing: boolean;
  stats(): SandboxStats;
  /** Every language, or those named, with its version on this host or the command that installs it. */
  languages(query?: LanguageQuery): Promise<readonly Language[]>;
  /**
   * Starts one execution. `input` is a request from outside in the shape of the protocol.
   * Throws `ProblemError`: `invalid-request` when it is none, `closed` after `drain()`. Problems that
   * arise later but before the start reject `run.result`.
   */
  execute(input: unknown, options?: ExecuteOptions): Run;
  /** The same for a request that its caller has parsed, for instance to refuse it before sandboxes are made. */
  start(parsed: ParsedRequest, options?: ExecuteOptions): Run;
  /** Refuses new executions from now on; resolves when none is running. */
  drain(): Promise<void>;
}

export interface ExecuteOptions extends Omit<RunOptions, "warnings"> {
  readonly sources?: HostSources;
  /** Warnings of the caller, put before those of the parser in the result. */
  readonly warnings?: readonly string[];
}

export function createEngine(sandboxes: SandboxPort): Engine {
  const running = new Set<Run>();
  let closing = false;

  function start(parsed: ParsedRequest, options: ExecuteOptions = {}): Run {
    if (closing) throw new ProblemError("closed", "the server takes no new executions");
    const { sources, warnings = [], ...runOptions } = options;
    const run = sandboxes.execute(toSpec(parsed.request, sources), {
      ...runOptions,
      warnings: [...warnings, ...parsed.warnings],
    });
    running.add(run);
    const settle = () => running.delete(run);
    run.result.then(settle, settle);
    return run;
  }

  return {
    isolation: sandboxes.isolation,
    get closing() {
      return closing;
    },
    stats: () => sandboxes.stats(),
    languages: (query) => sandboxes.languages(query),
    start,
    execute: (input, options) => start(parseExecutionRequest(input), options),
    async drain() {
      closing = true;
      await Promise.allSettled([...running].map((run) => run.result));
    },
  };
}
