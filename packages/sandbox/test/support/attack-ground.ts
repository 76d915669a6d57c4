import { readdirSync } from "node:fs";
import { expect } from "vitest";
import type { ExecutionSpec, Run, RunOptions, Sandboxes, SandboxOptions } from "../../src/index.ts";
import { moveIn } from "./attack-neighbour.ts";
import { prelude } from "./attack-prelude.ts";
import { readByTests } from "./attack-proof.ts";
import { type HostCanaries, plantCanaries } from "./host-canaries.ts";
import { descendants } from "./host-processes.ts";
import { eventually, stretched } from "./host-slowness.ts";
import { openSandboxes } from "./open.ts";

type Execution = Awaited<Run["result"]>;
/** What a program said of itself: all its lines of JSON as one object. */
export type Report = Record<string, unknown>;

interface Attack extends Omit<ExecutionSpec, "code"> {
  readonly code: string;
  readonly run?: RunOptions;
  /** Told of the running attack, to cancel it for instance. */
  readonly during?: (run: Run) => void;
}

interface Attacked {
  readonly execution: Execution;
  readonly report: Report;
}

/**
 * Where attacks take place: a set of sandboxes, canaries on the host, and for each attack a neighbour in
 * another sandbox. An attack that harmed any of them, or left a process behind, fails here whatever it
 * reports of itself.
 */
export interface AttackGround {
  readonly sandboxes: Sandboxes;
  readonly canaries: HostCanaries;
  attack(attack: Attack): Promise<Attacked>;
  /** Several attacks at the same time, each in a sandbox of its own. What they are, is not said of harm they do. */
  attackAtOnce(attacks: readonly Attack[]): Promise<Attacked[]>;
  /** The same program without any wall, as a process of the host; see `HostCanaries.control`. */
  control(code: string, wrapper?: readonly string[]): Promise<{ report: Report; code: number; signal: string | null }>;
  /** Ends everything and fails when anything is left on the host. */
  close(): Promise<void>;
}

/** Targets as variables, for programs that do not read JSON: `TARGET_FILE`, `TARGET_TCP4`. */
export function targetVariables(targets: Readonly<Record<string, string | number>>): Record<string, string> {
  const words = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
  return Object.fromEntries(Object.entries(targets).map(([name, value]) => [`TARGET_${words(name)}`, String(value)]));
}

/** The JSON lines in an output, as one object; later lines win. */
export function reportIn(output: string): Report {
  const lines = output.split("\n").filter((line) => line.startsWith("{") && line.endsWith("}"));
  return Object.assign({}, ...lines.map((line) => JSON.parse(line) as Report));
}

const parkedEach = 2;

export async function openGround(options: SandboxOptions = {}): Promise<AttackGround> {
  const canaries = await plantCanaries();
  try {
    return await build(canaries, options);
  } catch (error) {
    await canaries.remove();
    throw error;
  }
}

async function build(canaries: HostCanaries, options: SandboxOptions): Promise<AttackGround> {
  const complaints: string[] = [];
  const log = (line: string) => {
    if (!line.endsWith("this happens once")) complaints.push(line);
  };
  const sandboxes = await openSandboxes({
    pool: { min: parkedEach, max: parkedEach },
    ceiling: { diskBytes: 1 << 28 },
    log,
    ...options,
  });
  const parked = parkedEach * (options.languages ?? ["python"]).length;
  const quiet = () => sandboxes.stats().parked === parked && sandboxes.stats().running === 0;
  await eventually("the pool is full", () => (quiet() ? true : undefined));
  const processes = descendants().length;

  /** Processes of the host are as many as before; the pool's own coming and going has to settle first. */
  const settle = () =>
    eventually(`${processes} processes again`, () =>
      quiet() && descendants().length === processes ? true : undefined,
    );

  async function hostIsUnharmed(visitsBefore: Record<string, number>): Promise<void> {
    expect(await canaries.visits()).toEqual(visitsBefore);
    expect(canaries.untouched()).toBe(true);
    await settle();
    expect(complaints).toEqual([]);
  }

  async function attackAtOnce(attacks: readonly Attack[]): Promise<Attacked[]> {
    const visits = await canaries.visits();
    const neighbour = await moveIn(sandboxes);
    const targets = { ...canaries.target, ...neighbour.target };
    const start = ({ code, language, run: runOptions, during, env, limits, ...spec }: Attack): Run => {
      const program = language === undefined ? { code: prelude + code } : { code, language };
      const known = { TARGET: JSON.stringify(targets), ...targetVariables(targets) };
      const timeLimit = { timeoutMs: stretched(10_000) };
      const run = sandboxes.execute(
        { ...spec, ...program, env: { ...known, ...env }, limits: { ...timeLimit, ...limits } },
        runOptions,
      );
      during?.(run);
      return run;
    };
    const ends = await Promise.allSettled(attacks.map(start).map((run) => run.result));
    const { report: seen, expected } = await neighbour.finish();
    const executions = ends.map((end) => {
      if (end.status === "rejected") throw end.reason;
      return end.value;
    });
    expect(seen).toEqual(expected);
    const told = JSON.stringify(executions);
    for (const secret of [...canaries.secrets, neighbour.secret]) expect(told.includes(secret)).toBe(false);
    await hostIsUnharmed(visits);
    const fresh = await sandboxes.execute({ code: "print(6 * 7)" }).result;
    expect([fresh.outcome.kind, fresh.stdout]).toEqual(["exited", "42\n"]);
    return executions.map((execution) => ({ execution, report: reportIn(execution.stdout) }));
  }

  return {
    sandboxes: { ...sandboxes, isolation: readByTests(sandboxes.isolation) },
    canaries,
    attackAtOnce,
    async attack(one) {
      const [attacked] = await attackAtOnce([one]);
      if (attacked === undefined) throw new Error("an attack has an end");
      return attacked;
    },
    async control(code, wrapper) {
      const { stdout, ...end } = await canaries.control(prelude + code, wrapper);
      const report = reportIn(stdout);
      if (Object.keys(report).length === 0 && end.signal === null)
        throw new Error(`the control said nothing: ${stdout}`);
      return { report, ...end };
    },
    async close() {
      await sandboxes.close();
      await canaries.remove();
      expect(descendants()).toEqual([]);
      expect(cgroupsLeft()).toEqual([]);
    },
  };
}

/** Cgroups of this process's instances, in whatever hierarchy. */
function cgroupsLeft(): string[] {
  const mine = `glovebox-${process.pid}-`;
  const look = (folder: string, depth: number): string[] => {
    let names: string[];
    try {
      names = readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => entry.name);
    } catch {
      return [];
    }
    return names.flatMap((name) => {
      const path = `${folder}/${name}`;
      return name.startsWith(mine) ? [path] : depth > 0 ? look(path, depth - 1) : [];
    });
  };
  return look("/sys/fs/cgroup", 4);
}
