import type { Theme } from "../theme.ts";
import { ofProcesses } from "./of-processes.ts";
import { ofTheKernel } from "./of-the-kernel.ts";
import { refused } from "./refused.ts";

export const memory: Theme = {
  title: "memory",
  surveys: [refused],
  attacks: [...ofProcesses, ...ofTheKernel],
};
