/** Runs the command line as start.ts does, and then keeps the compiled code of all that ran. The build starts it. */
import { join } from "node:path";
import { keepCache, load } from "./code-cache.ts";

declare const bundleName: string;

const file = join(__dirname, bundleName);
const script = load(file, require);
process.on("exit", () => keepCache(file, script));
