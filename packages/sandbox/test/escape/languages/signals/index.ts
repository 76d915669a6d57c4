import type { Theme } from "../theme.ts";
import { timeLimits } from "./time-limits.ts";
import { cripplesWarden, killsWarden } from "./warden.ts";

export const signals: Theme = {
  title: "time limits and signals",
  surveys: [cripplesWarden],
  attacks: [...timeLimits, killsWarden],
};
