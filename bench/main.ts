/**
 * `npm run bench [-- --short] [-- SCENARIO...]`: measures Glovebox against peers in the same run, prints a
 * table of ratios and writes `bench/results/latest.json`. A missed goal is reported, not an error: machines
 * differ, and a test that asserts a time is a test of the machine.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Figure, reaches, type Scenario } from "./scenario.ts";
import { coldStart } from "./scenarios/cold-start.ts";
import { languages } from "./scenarios/languages.ts";
import { latency } from "./scenarios/latency.ts";
import { memory } from "./scenarios/memory.ts";
import { streaming } from "./scenarios/streaming.ts";
import { throughput } from "./scenarios/throughput.ts";

const scenarios: readonly Scenario[] = [latency, throughput, streaming, memory, coldStart, languages];

function describeGoal({ goal }: Figure): string {
  if (goal === undefined) return "";
  const bound = goal.atMost === undefined ? `at least ${goal.atLeast}` : `at most ${goal.atMost}`;
  return goal.of === "ratio" ? `ratio ${bound}` : bound;
}

function row(figure: Figure): string {
  const { name, unit, ours, peer, peerName, ratio } = figure;
  const verdict =
    figure.goal === undefined ? "" : `${reaches(figure) ? "reached" : "MISSED"} (${describeGoal(figure)})`;
  const details = Object.entries(figure.details ?? {}).map(([key, value]) => `${key} ${value.toFixed(2)}`);
  return [
    name,
    `  ${ours.toFixed(2)} ${unit} against ${peer.toFixed(2)} ${unit} (${peerName}): ratio ${ratio.toFixed(3)} ${verdict}`,
    ...(details.length > 0 ? [`  ${details.join(", ")}`] : []),
  ].join("\n");
}

const { values, positionals } = parseArgs({ options: { short: { type: "boolean" } }, allowPositionals: true });
const unknown = positionals.filter((name) => !scenarios.some((scenario) => scenario.name === name));
if (unknown.length > 0) {
  console.error(`unknown scenario: ${unknown.join(", ")}; known are: ${scenarios.map(({ name }) => name).join(", ")}`);
  process.exit(2);
}
const machine = {
  cores: cpus().length,
  model: cpus()[0]?.model,
  memoryBytes: totalmem(),
  kernel: release(),
  node: process.version,
};
console.log(`${machine.cores} cores, ${machine.model}, Linux ${machine.kernel}, Node ${machine.node}`);
const figures: Figure[] = [];
for (const scenario of scenarios) {
  if (positionals.length > 0 && !positionals.includes(scenario.name)) continue;
  for (const figure of await scenario.run({ effort: values.short === true ? 0.2 : 1 })) {
    figures.push(figure);
    console.log(row(figure));
  }
}
const folder = join(import.meta.dirname, "results");
mkdirSync(folder, { recursive: true });
const report = {
  at: new Date().toISOString(),
  machine,
  figures: figures.map((figure) => ({ ...figure, reached: reaches(figure) })),
};
writeFileSync(join(folder, "latest.json"), `${JSON.stringify(report, null, 2)}\n`);
const missed = figures.filter((figure) => !reaches(figure)).length;
console.log(`${figures.length} figures, ${missed} missed; written to bench/results/latest.json`);
