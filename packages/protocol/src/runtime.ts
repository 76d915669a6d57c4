import { z } from "zod";

/** What `runtime.json` in a folder below `runners/` says of a language. */
export const runtimeSchema = z.object({
  name: z.string(),
  title: z.string(),
  aliases: z.array(z.string()),
  extensions: z.array(z.string().startsWith(".")),
  /** How a program starts: `fork` is a copy of the nursery's own interpreter. */
  start: z.enum(["fork"]),
  versionCommand: z.array(z.string()).min(1),
  packages: z.array(z.string()),
  dataPackages: z.array(z.string()).default([]),
});
export type Runtime = z.infer<typeof runtimeSchema>;
