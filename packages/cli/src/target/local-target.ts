/**
 * Sandboxes that this process makes for one run: the way of an execution without a server. A request is resolved before
 * they are made, so that what is wrong with it costs nothing, and standard input is read while they are being made.
 */
import { defaultCeiling, defaultLimits, type HostRequest, type Profile, type Programs } from "@glovebox/protocol";
import {
  createSandboxes,
  folderSink,
  knownLanguages,
  languageOfInterpreter,
  resolveProgram,
  type SandboxOptions,
} from "@glovebox/sandbox";
import { type Config, sandboxOptions } from "@glovebox/server/config";
import { createEngine, type Engine } from "@glovebox/server/engine";
import { createMemoryStore } from "@glovebox/server/store";
import { limitText } from "../arguments/limit-amounts.ts";
import {
  type BroughtStdin,
  CancelledEarly,
  cutWarning,
  type Target,
  type TargetEnd,
  type TargetIo,
  type TargetRun,
  unlessAborted,
} from "./target.ts";

interface OpenPrograms extends Programs {
  close(): Promise<void>;
}

/** How sandboxes are made; by default those of this host. */
export type OpenSandboxes = (options: SandboxOptions) => Promise<OpenPrograms>;

export function localTarget(config: Config, open: OpenSandboxes = createSandboxes): Target {
  const opened: Promise<OpenPrograms>[] = [];
  const openFor: OpenSandboxes = (options) => {
    const sandboxes = open({ ...sandboxOptions(config), preload: [], ...options });
    opened.push(sandboxes);
    return sandboxes;
  };
  const profile: Profile = {
    defaults: { ...defaultLimits, ...config.default },
    ceiling: { ...defaultCeiling, ...config.ceiling },
  };
  return {
    run: (request, io) => new LocalRun(request, io, profile, openFor),
    async languages(query) {
      const { languagesHere } = await import("./local-languages.ts");
      return languagesHere(query, config, openFor);
    },
    async languageOfInterpreter(program) {
      const language = languageOfInterpreter(program);
      return { ...(language === undefined ? {} : { language }), known: knownLanguages() };
    },
    async close() {
      for (const sandboxes of await Promise.allSettled(opened)) {
        if (sandboxes.status === "fulfilled") await sandboxes.value.close();
      }
    },
  };
}

/**
 * One run. Before the engine has accepted it, a cancel gives up whatever is going on; from then on it is the engine's to
 * end the program.
 */
class LocalRun implements TargetRun {
  readonly end: Promise<TargetEnd>;
  readonly #io: TargetIo;
  readonly #givingUp = new AbortController();
  #accepted: { readonly engine: Engine; readonly id: string } | undefined;

  constructor(request: HostRequest, io: TargetIo, profile: Profile, open: OpenSandboxes) {
    this.#io = io;
    this.end = this.#perform(request, profile, open);
    this.end.catch(() => {}); // whoever waits for it is told
  }

  cancel(how: { readonly graceMs?: number } = {}): void {
    if (this.#accepted === undefined) this.#givingUp.abort();
    else this.#accepted.engine.cancel(this.#accepted.id, how).catch(() => {}); // it was over already
  }

  async #perform(request: HostRequest, profile: Profile, open: OpenSandboxes): Promise<TargetEnd> {
    const { output, outFolder } = this.#io;
    const { engine, id } = await this.#accept(request, profile, open);
    this.#accepted = { engine, id };
    const passing = output === undefined ? [] : passOutput(engine.events(id), output);
    const performing = engine.perform(id, {
      collectOutput: output === undefined,
      ...(outFolder === undefined ? {} : { artifacts: folderSink(outFolder) }),
    });
    const [record, ours] = await Promise.all([performing, passing]);
    const execution = ours.length === 0 ? record : { ...record, warnings: [...ours, ...record.warnings] };
    const written = outFolder === undefined ? [] : execution.artifacts.map(({ path }) => path);
    return { execution, written, notWritten: [] };
  }

  async #accept(request: HostRequest, profile: Profile, open: OpenSandboxes) {
    const { signal } = this.#givingUp;
    const { stdin, stdinEmptyBecause, warnings = [] } = this.#io;
    const program = await unlessAborted(resolveProgram(request, { profile, amountText: limitText }), signal);
    const bringing: Promise<BroughtStdin> = stdin?.() ?? Promise.resolve({});
    bringing.catch(() => {}); // it is waited for below
    const opening = open({
      languages: [program.language],
      // A compiler takes the first sandbox and the program another; without one, a second would be made for nobody.
      pool: program.compileLimits === undefined ? { min: 0, max: 0 } : { min: 1, max: 1 },
      ...(stdinEmptyBecause === undefined
        ? {}
        : { stdinWarning: `standard input was empty, because ${stdinEmptyBecause}` }),
    });
    const sandboxes = await unlessAborted(opening, signal);
    const { bytes, warning } = await unlessAborted(bringing, signal);
    // Nothing outlives the run, so that nothing of it has to be kept.
    const engine = createEngine(sandboxes, createMemoryStore({ keepBytes: 0 }));
    const { id } = await engine.acceptProgram(
      // It came later than all that was to be checked, and there is nothing to check of it.
      bytes === undefined ? program : { ...program, stdin: bytes },
      { warnings: warning === undefined ? warnings : [...warnings, warning] },
    );
    if (signal.aborted) throw new CancelledEarly();
    return { engine, id };
  }
}

/** Passes output on. Gives what its reader has to know of it. */
async function passOutput(
  events: ReturnType<Engine["events"]>,
  output: NonNullable<TargetIo["output"]>,
): Promise<string[]> {
  const warnings: string[] = [];
  for await (const { seq, event } of events) {
    if (event.type === "stdout" || event.type === "stderr") await output(event.type, event.data);
    else if (event.type === "cut") warnings.push(cutWarning({ from: event.from, seq }));
  }
  return warnings;
}
