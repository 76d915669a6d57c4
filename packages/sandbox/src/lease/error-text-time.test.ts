import { describe, expect, it } from "vitest";
import { noSource, patterns } from "../../test/support/error-patterns.ts";
import { stretched } from "../../test/support/host-slowness.ts";
import { runtimes } from "../languages/registry.ts";
import { readError } from "./error-text.ts";

/** Pieces of text that patterns stumble over when something in them can match in two ways. */
function hostilePieces(pattern: string): string[] {
  const literal = pattern.replace(/\\[dws]\S?|\(\?<\w+>|\[[^\]]*\][*+?]*|[\\^$()|?*+]/g, "a");
  const words = [...new Set(literal.match(/[\w:./ '`*-]{2,}/g) ?? [])];
  const common = [
    "a",
    "1",
    " ",
    "\t",
    ":",
    "(",
    "'",
    "`",
    "/",
    ".",
    "*",
    "a:1:",
    "a:1: ",
    "a.a",
    "a(",
    "\n",
    " \n",
    "a\n",
  ];
  return [
    ...common,
    literal,
    `${literal}\n`,
    ...words,
    ...words.flatMap((word) => [`${word}\n`, `${word}:1`, `${word}', `]),
  ];
}

/**
 * The milliseconds that a pattern takes, as the shortest of several attempts. They are of CPU time, which stands still
 * while others have the processor: on a busy machine they have it in the middle of every attempt that is long enough.
 */
function timeOf(pattern: string, text: string): number {
  let shortest = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 5 && shortest > 0.05; attempt++) {
    const before = process.cpuUsage();
    readError(patterns({ pattern }), text, "last", noSource);
    const { user, system } = process.cpuUsage(before);
    shortest = Math.min(shortest, (user + system) / 1_000);
  }
  return shortest;
}

/**
 * Whether four times the text takes much more than four times the time, as it does for a quadratic pattern: 16 times.
 * Looks at small texts first, so that a bad pattern does not hold up the test.
 */
function isSlow(pattern: string, piece: string): boolean {
  const of = (length: number) => piece.repeat(Math.ceil(length / piece.length)).slice(0, length);
  let short = timeOf(pattern, of(256));
  for (let length = 1_024; length <= 65_536; length *= 4) {
    const long = timeOf(pattern, of(length));
    if (long > 1 && long > 10 * short) return true;
    short = long;
  }
  return false;
}

const used = runtimes().flatMap(({ name, errors, outOfMemory }) => {
  const read = [...errors.compile, ...errors.run].flatMap(({ pattern, frame }) => [pattern, frame ?? ""]);
  const all = [...new Set([...read, ...outOfMemory])].filter((pattern) => pattern !== "");
  return all.length === 0 ? [] : [[name, all] as const];
});

describe("the patterns of the manifests", () => {
  it.each(used)(
    "of %s take time that grows with the text and no faster, whatever the text is",
    {
      timeout: stretched(60_000),
    },
    (_, all) => {
      const slow = all.flatMap((pattern) =>
        hostilePieces(pattern)
          .filter((piece) => isSlow(pattern, piece))
          .map((piece) => ({ pattern, piece })),
      );
      expect(slow).toEqual([]);
    },
  );

  it("that take more time than that are found by this measure", () => {
    expect(isSlow("^.*a.*X$", "a")).toBe(true);
    expect(isSlow("^a*X$", "a")).toBe(false);
  });
});
