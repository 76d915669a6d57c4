import { readFileSync } from "node:fs";
import sibling from "./sibling.cjs";
import { list } from "./sibling.mjs";

export const total = list.length + sibling.list.length;
await import("node:path");
export default typeof readFileSync;
