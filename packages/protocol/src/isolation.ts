import * as z from "zod";

export const isolationFeatureSchema = z.enum(["cgroups", "separate-uids"]);
/** A wall that can be missing on a host. Running without it is refused unless it is waived by name. */
export type IsolationFeature = z.infer<typeof isolationFeatureSchema>;

/** What isolated a program. Each backend says it in its own terms. */
export const isolationSchema = z.discriminatedUnion("backend", [
  /** Bubblewrap with an own sandbox inside. */
  z.strictObject({
    backend: z.literal("namespaces"),
    cgroups: z.enum(["v1", "v2", "none"]),
    uids: z.enum(["separate", "shared"]),
    waived: z.array(isolationFeatureSchema),
  }),
]);
export type Isolation = z.infer<typeof isolationSchema>;
