import { readFileSync } from "node:fs";
import { createSandboxes } from "../../src/index.ts";

const s = await createSandboxes({ log: (l) => console.error("LOG", l), waive: ["cgroups", "separate-uids"] });
const r = await s.execute({ code: readFileSync(process.argv[2]!, "utf8"), limits: JSON.parse(process.argv[3] ?? "{}") })
  .result;
console.log(
  r.stdout.slice(0, 5000),
  r.stderr.slice(0, 3000),
  r.outcome,
  r.warnings.slice(0, 5),
  r.metrics,
  r.artifacts.length,
);
await s.close();
