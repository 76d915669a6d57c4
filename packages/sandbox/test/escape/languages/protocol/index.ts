import type { Theme } from "../theme.ts";
import { said } from "./channel.ts";
import { channelClosed, descriptors, everyDescriptor } from "./descriptors.ts";
import { resultsFile } from "./results-file.ts";

/*
 * What programs say on their channel. It is a pipe: descriptor 4 of a program in C or JavaScript; Bash has moved it to 13.
 * What is said stands in the file `payload`, so that all languages say the same.
 */

export const protocol: Theme = {
  title: "what a program says",
  surveys: [descriptors],
  attacks: [everyDescriptor, ...said, channelClosed, ...resultsFile],
};
