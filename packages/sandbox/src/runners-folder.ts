import { fileURLToPath } from "node:url";

/** Where the programs that run inside the walls are kept: the same place seen from `src` and from `dist`. */
export const runnersFolder = fileURLToPath(new URL("../../../runners/", import.meta.url));
