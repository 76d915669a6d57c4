import type { Theme } from "../theme.ts";
import { amounts } from "./amounts.ts";
import { kinds } from "./kinds.ts";
import { names } from "./names.ts";

/*
 * What programs leave behind for the host to collect. The collecting is the warden's and the host's, and the same for all
 * languages; what differs is what a language can leave. That a collected file is never written through a link is
 * tested with Python.
 */

export const artifacts: Theme = {
  title: "artifacts",
  surveys: [],
  attacks: [...kinds, ...names, ...amounts],
};
