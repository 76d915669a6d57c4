import type { ChildProcess } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { createInterface } from "node:readline";
import { type Limits, type NurseryReport, nurseryReportSchema, ProblemError } from "@glovebox/protocol";
import type { Cgroups } from "../host/cgroups/index.ts";
import type { IdentityPlan } from "../host/identities.ts";
import { type InstanceFolder, launchMounts } from "../host/instance-folder.ts";
import type { ReadOnlyBind } from "./language-view.ts";
import type { Launchers } from "./launchers.ts";
import { inside, outerWall } from "./outer-wall.ts";

/** How the runners of a nursery's sandboxes become programs (see runners/warden/programs.py). */
export interface NurseryProgram {
  readonly start: "fork" | "park" | "command";
  /** The interpreter that is started ahead of time, for `park`. */
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly reservesAddressSpace: boolean;
  /** A folder whose packages programs see, for `fork`. */
  readonly virtualEnvironment?: string;
}

export interface NurserySetup {
  readonly launchers: Launchers;
  readonly folder: InstanceFolder;
  readonly cgroups: Cgroups;
  readonly identities: IdentityPlan;
  readonly ceiling: Limits;
  readonly program: NurseryProgram;
  /** What the sandboxes see of the host for their language. */
  readonly view: readonly ReadOnlyBind[];
  /** Python modules that are imported ahead of time, for `fork`. */
  readonly preload: readonly string[];
  /** Standard input of programs is empty, and whether one reads it is reported. */
  readonly watchStdin: boolean;
  readonly log: (line: string) => void;
}

export interface NurseryEvents {
  gone: [id: string];
  failed: [id: string, message: string];
  exit: [];
}

/** Start-up includes the import of the preloaded libraries; on a slow or emulated machine it takes long. */
const startTimeoutMs = 180_000;
const stopTimeoutMs = 3_000;
const keptErrorLines = 40;

function parseReport(line: string): NurseryReport | undefined {
  try {
    return nurseryReportSchema.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}

/** One nursery process behind its outer wall. Emits `gone` for each sandbox that has ended, and `exit` once. */
export class Nursery extends EventEmitter<NurseryEvents> {
  readonly #setup: NurserySetup;
  readonly #errors: string[] = [];
  #child: ChildProcess | undefined;
  #alive = false;

  constructor(setup: NurserySetup) {
    super();
    this.#setup = setup;
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Starts the process and waits until it can park. Rejects with `sandbox-unavailable` and the reason. */
  async start(): Promise<void> {
    const { launchers, folder, cgroups, identities, ceiling, program, view, preload, watchStdin, log } = this.#setup;
    const { mounts, forBubblewrap } = launchMounts(
      folder,
      identities,
      cgroups.bindings.map(({ source }) => source),
    );
    const bindings = cgroups.bindings.map(({ target }, index) => ({ source: forBubblewrap[index] ?? "", target }));
    const { mode, base, gidBase, count } = identities;
    const command = outerWall(folder, identities, bindings, view);
    const plan = [mode, base, gidBase, count, mounts.length, ...mounts.flat(), ...command].join("\0");
    const child = launchers.take(folder.path);
    this.#child = child;
    const ended = once(child, "close").then(
      () => undefined,
      () => undefined,
    );
    child.stdin?.on("error", () => {});
    this.#keepErrors(child);
    const ready = this.#readReports(child);
    if (child.pid !== undefined) cgroups.adopt(child.pid);
    const hello = {
      socket: inside.socket,
      separateUids: identities.mode !== "single",
      ceiling,
      cgroups: cgroups.kind,
      program,
      preload,
      watchStdin,
      writable: cgroups.bindings.map(({ target }) => target),
    };
    child.stdin?.write(`${Buffer.byteLength(plan)}\n${plan}${JSON.stringify(hello)}\n`);
    const timer = setTimeout(() => child.kill("SIGKILL"), startTimeoutMs);
    const first = await Promise.race([ready, ended]);
    clearTimeout(timer);
    if (first === undefined) {
      const reason = this.#errors.join("; ") || "the nursery ended without a word";
      throw new ProblemError("sandbox-unavailable", `the outer wall could not be set up: ${reason}`);
    }
    this.#alive = true;
    for (const warning of first.warnings) log(`nursery: ${warning}`);
    void ended.then(() => {
      this.#alive = false;
      this.emit("exit");
    });
  }

  /**
   * Asks for one more parked sandbox; it reports itself on the wardens' socket. With `rehearse` it does more
   * before that and serves its program sooner, at a higher cost in all.
   */
  park(id: string, uid: number, cgroups: Record<string, string>, rehearse: boolean): void {
    this.#command({ op: "park", id, uid, cgroups, rehearse });
  }

  /** Ends a sandbox whatever its warden is doing. */
  kill(id: string): void {
    this.#command({ op: "kill", id });
  }

  /**
   * Ends the nursery and with it every sandbox that stands on it. It ends by itself when its standard input
   * does, and bubblewrap reaps it then; killing bubblewrap would leave that to the host's init.
   */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.stdin?.end();
    const timer = setTimeout(() => child.kill("SIGKILL"), stopTimeoutMs);
    await ended;
    clearTimeout(timer);
  }

  /** The last lines that the nursery and its wardens wrote to their standard error. */
  get errors(): readonly string[] {
    return this.#errors;
  }

  #command(command: object): void {
    if (this.#child?.stdin?.writable === true) this.#child.stdin?.write(`${JSON.stringify(command)}\n`);
  }

  #keepErrors(child: ChildProcess): void {
    if (child.stderr === null) return;
    createInterface({ input: child.stderr }).on("line", (line) => {
      this.#errors.push(line);
      if (this.#errors.length > keptErrorLines) this.#errors.shift();
      if (this.#alive) this.#setup.log(`nursery: ${line}`);
    });
  }

  #readReports(child: ChildProcess): Promise<{ warnings: string[] }> {
    return new Promise((resolve) => {
      if (child.stdout === null) return;
      createInterface({ input: child.stdout }).on("line", (line) => {
        const report = parseReport(line);
        if (report === undefined) {
          this.#setup.log(`nursery: ended, because it sent what is no report: ${JSON.stringify(line.slice(0, 200))}`);
          child.kill("SIGKILL");
        } else if (report.type === "ready") resolve(report);
        else if (report.type === "gone") this.emit("gone", report.id);
        else this.emit("failed", report.id, report.message);
      });
    });
  }
}
