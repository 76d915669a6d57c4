import type { Execution } from "@glovebox/protocol";

const made = new WeakMap<Execution, Buffer>();

/** An execution as JSON, which is made once: a record has up to 32 MiB of output. */
export function executionBytes(execution: Execution): Buffer {
  const known = made.get(execution);
  if (known !== undefined) return known;
  const bytes = Buffer.from(JSON.stringify(execution));
  made.set(execution, bytes);
  return bytes;
}
