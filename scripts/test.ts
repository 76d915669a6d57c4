/**
 * `npm test`: runs every suite, whatever failed before, and closes with a table and the sum of all counts.
 *
 * Started by root, tests with real sandboxes that depend on who runs them run a second time as an ordinary user, and
 * those that depend on cgroups without them. `npm run test:modes` repeats all of them in both ways. That user needs no
 * right to write in the checkout; if it cannot even read it, it gets a copy. A skipped test fails the whole in CI.
 */
import { rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { scratch } from "./test/commands.ts";
import { type Counts, noTests } from "./test/counts.ts";
import { ordinaryUser } from "./test/ordinary-user.ts";
import { ownStages, repetitions, type Stage } from "./test/stages.ts";
import { installTestTools } from "./test/tools.ts";

interface Row {
  readonly name: string;
  readonly counts: Counts;
  readonly seconds: number;
}

async function runStage({ name, run }: Stage): Promise<Row> {
  const started = performance.now();
  const counts = await run().catch((error: unknown) => {
    console.error(error);
    return { ...noTests, failed: 1 };
  });
  return { name, counts, seconds: (performance.now() - started) / 1000 };
}

async function runAll(all: readonly Stage[]): Promise<Row[]> {
  const beside = all.filter((stage) => stage.besideOthers === true);
  const rows: Row[] = [];
  await Promise.all(
    Array.from({ length: availableParallelism() }, async () => {
      for (let next = beside.shift(); next !== undefined; next = beside.shift()) rows.push(await runStage(next));
    }),
  );
  rows.sort((one, other) => one.name.localeCompare(other.name, "en"));
  for (const stage of all.filter(({ besideOthers }) => besideOthers !== true)) {
    console.log(`\ntest: ${stage.name}`);
    rows.push(await runStage(stage));
  }
  return rows;
}

/** Prints the table and the sum; returns the status to exit with. */
function close(rows: readonly Row[]): number {
  const width = Math.max(...rows.map((row) => row.name.length));
  console.log(`\n${"suite".padEnd(width)}   passed   failed  skipped  seconds`);
  for (const { name, counts, seconds } of rows) {
    const columns = [counts.passed, counts.failed, counts.skipped, seconds.toFixed(1)];
    console.log(name.padEnd(width) + columns.map((column) => String(column).padStart(9)).join(""));
  }

  const sum = (key: keyof Counts) => rows.reduce((total, { counts }) => total + counts[key], 0);
  const skipsFail = process.env.CI === "true" && sum("skipped") > 0;
  if (skipsFail) console.log("\ntest: skipped tests count as failed in CI");
  const skipped = sum("skipped") > 0 ? `, ${sum("skipped")} skipped` : "";
  console.log(`\n${sum("passed")} passed, ${sum("failed")} failed${skipped}`);
  return sum("failed") > 0 || skipsFail ? 1 : 0;
}

/** The repetitions of root; that they cannot be prepared is one failure. */
async function repeat(): Promise<Row[]> {
  if (process.getuid?.() !== 0) return [];
  const prepared: Stage[] = [];
  const name = `preparing ${ordinaryUser}`;
  const row = await runStage({
    name,
    run: async () => {
      console.log(`\ntest: ${name}`);
      prepared.push(...repetitions(process.argv.includes("--all-modes")));
      return noTests;
    },
  });
  return [row, ...(await runAll(prepared))];
}

try {
  installTestTools();
  process.exitCode = close([...(await runAll(ownStages())), ...(await repeat())]);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
