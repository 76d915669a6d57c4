/** One figure: what Glovebox needs or does, against a peer in the same run. */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly ours: number;
  readonly peer: number;
  readonly peerName: string;
  /** ours divided by peer. */
  readonly ratio: number;
  /** The figure to reach: the ratio, or `ours` itself where there is a bound on it. */
  readonly goal?: { readonly of: "ratio" | "ours"; readonly atMost?: number; readonly atLeast?: number };
  /** More of the same measurement, for whoever asks where the time goes. */
  readonly details?: Readonly<Record<string, number>>;
}

/** Factor on the number of rounds: 1, or less for a short run. */
interface Settings {
  readonly effort: number;
}

export interface Scenario {
  readonly name: string;
  readonly run: (settings: Settings) => Promise<readonly Figure[]>;
}

export function figure(input: Omit<Figure, "ratio">): Figure {
  return { ...input, ratio: input.ours / input.peer };
}

/** True when the figure has no goal or reaches it. */
export function reaches({ goal, ours, ratio }: Figure): boolean {
  if (goal === undefined) return true;
  const value = goal.of === "ratio" ? ratio : ours;
  return value <= (goal.atMost ?? Number.POSITIVE_INFINITY) && value >= (goal.atLeast ?? Number.NEGATIVE_INFINITY);
}
