/** `glovebox run` in this process, over sandboxes that run nothing. */
import { EventEmitter } from "node:events";
import { PassThrough, Writable } from "node:stream";
import type { Outcome } from "@glovebox/protocol";
import { createFakePrograms, type FakeProgram } from "@glovebox/server/testing";
import type { RunFlags } from "../../src/arguments/run-options.ts";
import type { StdinKind } from "../../src/arguments/stdin.ts";
import { run } from "../../src/commands/run.ts";

export const bytes = (text: string) => new TextEncoder().encode(text);
/** What the outcomes of programs that did nothing wrong have in common. */
export const ended: Pick<Outcome, "stage" | "violations"> = { stage: "run", violations: [] };
export const silent: FakeProgram = function* () {};
export const code = { code: "print(1)" };
export interface Setting {
  readonly file?: string;
  readonly flags?: Partial<RunFlags>;
  readonly args?: readonly string[];
  readonly stdin?: { kind: StdinKind; data?: string; open?: true };
  readonly variables?: Record<string, string>;
  readonly stdout?: Writable;
  readonly stderr?: Writable;
}

class Collected extends Writable {
  text = "";
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

export function start(fake: FakeProgram, setting: Setting = {}) {
  const sandboxes = createFakePrograms(fake);
  const stdin = new PassThrough();
  if (setting.stdin?.data !== undefined) stdin.write(setting.stdin.data);
  if (setting.stdin?.open === undefined) stdin.end();
  const [stdout, stderr, signals] = [new Collected(), new Collected(), new EventEmitter()];
  const opened: unknown[] = [];
  const status = run(
    {
      file: setting.file,
      args: setting.args ?? [],
      flags: {
        file: [],
        exclude: [],
        param: [],
        env: [],
        return: [],
        compilerOption: [],
        waive: [],
        toolchain: [],
        ...setting.flags,
      },
    },
    {
      variables: setting.variables ?? {},
      stdin: { kind: () => setting.stdin?.kind ?? "other", stream: () => stdin },
      stdout: setting.stdout ?? stdout,
      stderr: setting.stderr ?? stderr,
      signals,
      open: async (options) => {
        opened.push(options);
        return sandboxes;
      },
    },
  );
  return { status, sandboxes, stdout, stderr, signals, opened, stdin };
}
