import { expect } from "vitest";
import { stretched } from "../../../support/host-slowness.ts";
import { LongestTurn } from "../../../support/thread-time.ts";
import type { Attack } from "../theme.ts";

/** The end of a program that was not disturbed by what it said. */
export const exited = { kind: "exited", code: 5, violations: [], stage: "run" };

export const sameEverywhere = { why: "on the host nobody listens to a descriptor of that number" };

/** Fails when the host's one thread was busy for long while an attack ran. */
export function watchingTheLoop(attack: Attack): Attack {
  let turns: LongestTurn | undefined;
  let longest: number | undefined;
  return {
    ...attack,
    during: () => {
      turns ??= new LongestTurn(); // the same for all languages
    },
    holds: (attacked) => {
      longest ??= turns?.end();
      // Three programs say it at the same time.
      expect(longest).toBeLessThan(stretched(4_500));
      return attack.holds(attacked);
    },
  };
}
