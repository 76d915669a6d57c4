import type { EngineEvent } from "./events.ts";

/** What an event takes besides its content, in bytes. */
const overhead = 256;

/** About what an event takes in memory, in bytes. Values are counted up to `most`: they can have millions of parts. */
export function eventBytes(event: EngineEvent, most: number): number {
  switch (event.type) {
    case "stdout":
    case "stderr":
      return overhead + event.data.byteLength;
    case "display":
      return overhead + valueBytes(event.data, most);
    case "result":
      return overhead + event.name.length + valueBytes(event.value, most);
    case "progress":
      return overhead + (event.message?.length ?? 0);
    default:
      return overhead;
  }
}

function valueBytes(value: unknown, most: number): number {
  if (typeof value === "string") return 16 + value.length;
  if (typeof value !== "object" || value === null) return 8;
  let bytes = 32;
  for (const key in value) {
    bytes += key.length + valueBytes((value as Record<string, unknown>)[key], most - bytes);
    if (bytes > most) break;
  }
  return bytes;
}
