import {
  type HostRequest,
  type Isolation,
  ProblemError,
  type Profile,
  type Program,
  type RunIo,
  type SandboxStats,
} from "@glovebox/protocol";
import type { Compiler } from "../compile/compiler.ts";
import { resolveRuntime } from "../languages/registry.ts";
import type { Toolchain } from "../languages/toolchain.ts";
import type { Toolchains } from "../languages/toolchains.ts";
import type { Lease, LeaseQuery, Leases } from "../pool/lease.ts";
import { mentionsAny } from "../program/preload-hint.ts";
import type { PreparedRun } from "../program/prepare.ts";
import { resolveProgram } from "../program/resolve.ts";
import { ProgramRun, type RunHost } from "./program-run.ts";

/*
 * The runs of one instance. It is open until `close`, which refuses what comes later and ends what runs; a run is live
 * until its end has settled, and running while it has a lease.
 */

export interface HostProgramsSetup {
  readonly isolation: Isolation;
  readonly profile: Profile;
  readonly toolchains: Pick<Toolchains, "require">;
  readonly compiler: Pick<Compiler, "compile">;
  /** Who runs one program never lets its lease rest. */
  readonly leases: { lease(...asked: Parameters<Leases["lease"]>): Promise<Lease> };
  /** Folder of staged inputs. */
  readonly inputsFolder: string;
  /** Libraries that some sandboxes have loaded. */
  readonly preload: readonly string[];
  readonly stdinWarning: string | undefined;
}

export class HostPrograms implements RunHost {
  readonly isolation: Isolation;
  readonly inputsFolder: string;
  readonly stdinWarning: string | undefined;
  readonly #setup: HostProgramsSetup;
  readonly #live = new Set<ProgramRun>();
  #running = 0;
  #started = 0;
  #closed = false;

  constructor(setup: HostProgramsSetup) {
    this.#setup = setup;
    this.isolation = setup.isolation;
    this.inputsFolder = setup.inputsFolder;
    this.stdinWarning = setup.stdinWarning;
  }

  get counts(): Pick<SandboxStats, "running" | "started"> {
    return { running: this.#running, started: this.#started };
  }

  async resolve(request: HostRequest, profile: Profile = this.#setup.profile): Promise<Program> {
    const { toolchains, stdinWarning } = this.#setup;
    const hasStdin = request.stdin !== undefined || request.stdinBase64 !== undefined;
    if (stdinWarning !== undefined && hasStdin) {
      const message = "programs of these sandboxes get none (option stdinWarning)";
      throw ProblemError.ofFields("invalid-request", [{ field: "stdin", message }]);
    }
    return resolveProgram(request, { profile, toolchains });
  }

  run(program: Program, io: RunIo): ProgramRun {
    const run = new ProgramRun(program, io, this);
    this.#live.add(run);
    const forget = () => this.#live.delete(run);
    run.end.then(forget, forget);
    return run;
  }

  /** Ends every run; resolves when all are over. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const run of this.#live) run.close();
    await Promise.allSettled([...this.#live].map((run) => run.end));
  }

  toolchainOf(language: string): Toolchain {
    if (this.#closed) throw new ProblemError("closed", "the sandboxes are being closed");
    return this.#setup.toolchains.require(resolveRuntime(language, undefined).runtime);
  }

  compile({ toolchain, program, compileLimits }: PreparedRun, id: string, signal: AbortSignal, waitMs?: number) {
    const entry = program.entry ?? toolchain.runtime.mainFile;
    const lease = (either: AbortSignal) => this.#lease({ toolchain }, either, waitMs);
    return this.#setup.compiler.compile({ id, toolchain, program, entry, limits: compileLimits, signal, lease });
  }

  async lease({ toolchain, program }: PreparedRun, signal: AbortSignal, waitMs?: number): Promise<Lease> {
    const preloaded = toolchain.runtime.start === "fork" && mentionsAny(program, this.#setup.preload);
    const lease = await this.#lease({ toolchain, preloaded }, signal, waitMs);
    this.#started += 1;
    this.#running += 1;
    let released = false;
    const release = () => {
      if (!released) this.#running -= 1;
      released = true;
      lease.release();
    };
    const { sandbox, isolation, queueMs } = lease;
    return { sandbox, isolation, queueMs, release };
  }

  #lease(query: LeaseQuery, signal: AbortSignal, waitMs: number | undefined): Promise<Lease> {
    return this.#setup.leases.lease(query, { signal, ...(waitMs === undefined ? {} : { waitMs }) });
  }
}
