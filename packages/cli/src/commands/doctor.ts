import type { Writable } from "node:stream";
import { type Diagnosis, diagnose } from "@glovebox/sandbox";
import { namingSettings, readConfig } from "@glovebox/server/config";
import { listFlag } from "../arguments/list-flag.ts";
import { printable } from "../output/printable.ts";

export interface DoctorFlags {
  readonly json?: true;
  readonly waive: readonly string[];
}

/** Prints what this host has and lacks. Exit status 1 when no sandbox can be made. */
export async function doctor(
  { json, waive }: DoctorFlags,
  examine: typeof diagnose = diagnose,
  stdout: Writable = process.stdout,
): Promise<number> {
  const flags = listFlag("waive", waive);
  const config = readConfig(process.env, flags);
  const { runtimeDir, toolchains } = config;
  const diagnosis = await examine({
    waive: config.waive,
    toolchains,
    ...(runtimeDir === undefined ? {} : { runtimeDir }),
  }).catch((error: unknown) => {
    throw namingSettings(error, flags);
  });
  stdout.write(json === true ? `${JSON.stringify(diagnosis)}\n` : diagnosisText(diagnosis));
  return diagnosis.usable ? 0 : 1;
}

function diagnosisText({ usable, checks }: Diagnosis): string {
  const width = Math.max(0, ...checks.map((check) => check.title.length));
  const lines = checks.flatMap(({ status, title, found, cost, fix }) => [
    `${status.padEnd(8)}  ${title.padEnd(width)}  ${printable(found)}`,
    ...(cost === "" ? [] : [`${"".padEnd(10)}cost: ${cost}`]),
    ...(fix === null ? [] : [`${"".padEnd(10)}fix:  ${fix}`]),
  ]);
  lines.push("", usable ? "Sandboxes can be made on this host." : "No sandbox can be made on this host.");
  return `${lines.join("\n")}\n`;
}
