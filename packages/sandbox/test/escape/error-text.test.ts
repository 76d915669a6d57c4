import { afterAll, beforeAll, describe, expect } from "vitest";
import { runtimes } from "../../src/languages/registry.ts";
import { errorTextBytes, readError } from "../../src/lease/error-text.ts";
import { type AttackGround, openGround } from "../support/attack-ground.ts";
import { proves } from "../support/attack-proof.ts";
import { noSource } from "../support/error-patterns.ts";
import { stretched } from "../support/host-slowness.ts";
import { LongestTurn, threadTime } from "../support/thread-time.ts";

/*
 * The host reads the errors of most languages out of what a program printed, by patterns, on the one thread that everybody
 * shares. A program can print what it likes.
 */

let ground: AttackGround;
beforeAll(async () => {
  ground = await openGround({ languages: ["python", "perl"] });
});
afterAll(() => ground.close());

/** An error and a frame of it, in each language whose frames are read out of its text; the frame names a huge file. */
const samples: Readonly<Record<string, readonly [error: string, frame: string]>> = {
  go: ["panic: x\n\n", "main.f()\n\t/workspace/a:999999\n"],
  java: ['Exception in thread "main" X: x\n', "\tat A.f(a.java:999999)\n"],
  lua: ["lua5.4: /workspace/main.lua:1: x\nstack traceback:\n", "\t/workspace/a:999999: in f\n"],
  perl: ["x at main.pl line 3.\n", " at a line 999999"],
  rust: ["thread 'main' panicked at 'x', main.rs:1:1\n", "   1: f\n             at ./a:999999:1\n"],
};

/** The longest that reading one text took, in milliseconds, and the text. */
function slowest(texts: readonly string[], read: (text: string) => void): [milliseconds: number, text: string] {
  let worst: [number, string] = [0, ""];
  for (const text of texts) {
    const since = threadTime();
    read(text);
    const took = threadTime() - since;
    if (took > worst[0]) worst = [took, text.slice(0, 60)];
  }
  return worst;
}

/** Texts that lead a pattern astray: its own words, and what stands between them, over and over. */
function astray(pattern: string): string[] {
  const words = [...pattern.matchAll(/[A-Za-z*][A-Za-z `'*:,()-]{2,}/g)].map(([word]) => word);
  const atoms = [
    ...new Set([...words.slice(0, 3), "a", ":", " ", "1", "\n", "(", ": ", "', ", "a:1: ", "/workspace/a:1"]),
  ];
  const filled = (text: string) => text.repeat(Math.ceil(errorTextBytes / text.length)).slice(0, errorTextBytes);
  return atoms.flatMap((one) => [filled(one), ...atoms.flatMap((other) => [filled(one + other), one + filled(other)])]);
}

describe("the text of an error", () => {
  proves("protocol.error-text", "every pattern of every language", async () => {
    for (const { name, errors } of runtimes()) {
      for (const [which, patterns] of [["first", errors.compile] as const, ["last", errors.run] as const]) {
        for (const pattern of patterns) {
          const texts = astray(`${pattern.pattern} ${pattern.frame ?? ""}`);
          const [took, text] = slowest(texts, (one) => readError([pattern], one, which, noSource));
          const quick = took < stretched(500);
          expect([name, pattern.pattern, quick ? "" : text]).toEqual([name, pattern.pattern, ""]);
        }
      }
    }
  });

  proves("protocol.error-text", "frames without end that name a file of a million lines", async () => {
    const withFrames = runtimes().filter(({ errors }) => errors.run.some(({ frame }) => frame !== undefined));
    expect(withFrames.map(({ name }) => name).filter((name) => samples[name] === undefined)).toEqual([]);
    const million = "\n".repeat(1 << 20);
    for (const { name, errors } of withFrames) {
      const [error = "", frame = ""] = samples[name] ?? [];
      const text = (error + frame.repeat(5_000)).slice(0, errorTextBytes);
      const since = threadTime();
      const found = readError(errors.run, text, "last", { names: [], text: () => million });
      expect([name, found?.frames.length]).toEqual([name, 100]);
      expect(threadTime() - since).toBeLessThan(stretched(1_500));
    }
  });

  proves("protocol.error-text", "printed by a program", async () => {
    const turns = new LongestTurn();
    const { execution } = await ground.attack({
      language: "perl",
      code: 'print STDERR "x at main.pl line 3.\\n", " at a line 999999" x 5000; exit 1;',
      files: [{ name: "a", content: "\n".repeat(1_000_000) }],
    });
    expect(execution.outcome).toEqual({ kind: "exited", code: 1, violations: [], stage: "run" });
    expect(turns.end()).toBeLessThan(stretched(1_500));
  });
});
