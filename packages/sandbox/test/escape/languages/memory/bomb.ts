import { expect } from "vitest";
import { stretched } from "../../../support/host-slowness.ts";
import type { Attack, Attacked, Programs } from "../theme.ts";

export const MIB = 1024 * 1024;
/** What a bomb takes, in MiB, and what it may have. */
export const taken = 256;
export const limits = { memoryBytes: 128 * MIB, diskBytes: 256 * MIB, timeoutMs: stretched(20_000) };
export const outOfMemory = { kind: "out-of-memory", violations: [], stage: "run" };

/** A bomb takes 256 MiB and says so when it holds them. */
export function bomb(
  id: Attack["id"],
  programs: Programs,
  variant?: string,
  own?: Partial<Pick<Attack, "holds" | "control">>,
): Attack {
  return {
    id,
    ...(variant === undefined ? {} : { variant }),
    programs,
    amount: taken,
    request: { limits },
    holds: ({ execution, report }) => expect([report, execution.outcome]).toEqual([{}, outOfMemory]),
    control: { place: "ordinary", amount: 32, shows: ({ report }) => expect(report).toEqual({ taken: 32 }) },
    ...own,
  };
}

/** A shared way to end: what was taken stays, so that whoever only looks from time to time sees it, however late. */
export const hold = 'if (amount > 64) pause_for(600);\nsay_number("taken", amount);\n';

/** Memory of no process: refused as such where no cgroup counts it. */
export const refusedOrCounted = {
  holds: ({ execution, report, isolation }: Attacked) => {
    if (isolation.cgroups === "none")
      expect([report, execution.outcome.kind]).toEqual([{ refused: "EPERM" }, "exited"]);
    else expect([report, execution.outcome]).toEqual([{}, outOfMemory]);
  },
};
