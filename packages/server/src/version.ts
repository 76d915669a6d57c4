import { readFileSync } from "node:fs";
import * as z from "zod";

const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));

/** Version of this server, the same for every package of Glovebox. */
export const version = z.object({ version: z.string() }).parse(manifest).version;
