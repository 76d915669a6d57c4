import type { Theme } from "../theme.ts";
import { bombs } from "./bombs.ts";
import { orphans } from "./orphans.ts";
import { others } from "./others.ts";

export const processes: Theme = {
  title: "processes",
  surveys: [others],
  attacks: [...bombs, ...orphans],
};
