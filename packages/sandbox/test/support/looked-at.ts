import type { FinishedExecution } from "@glovebox/protocol";
import type { ExecutionSpec, Sandboxes } from "../../src/index.ts";

/** A warden that looks every so often has looked between two samples that are this far apart. */
export const sampleIntervalMs = 100;

/**
 * Runs a program that says `ready` and stands still from then on, and cancels it once its warden has looked at it so:
 * whatever is found by looking every now and then is in the record, however late a look is.
 */
export async function lookedAt(sandboxes: Sandboxes, spec: ExecutionSpec): Promise<FinishedExecution> {
  const run = sandboxes.execute({ ...spec, sampleIntervalMs });
  let printed = "";
  let samples = 0;
  for await (const event of run.events()) {
    if (event.type === "stdout") printed += Buffer.from(event.data).toString();
    if (event.type !== "metrics" || !printed.endsWith("ready\n")) continue;
    samples += 1;
    if (samples === 2) run.cancel();
  }
  return run.result;
}
