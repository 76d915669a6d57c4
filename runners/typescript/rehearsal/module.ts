import { readFileSync } from "node:fs";
import { type Row, rows } from "./sibling.ts";

export const total: number = rows.reduce((sum: number, row: Row) => sum + row.value, 0);
export default typeof readFileSync;
