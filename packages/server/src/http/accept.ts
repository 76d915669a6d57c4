const eventStream = "text/event-stream";
const json = "application/json";

/** Quality of one media range: 1 without `q`, 0 when `q` is no number. */
function quality(parameters: readonly string[]): number {
  for (const parameter of parameters) {
    const [name, value] = parameter.split("=");
    if (name?.trim().toLowerCase() === "q") return Number(value) || 0;
  }
  return 1;
}

/**
 * Whether an Accept header asks for a stream of events rather than one JSON answer. Only the two types
 * by name count; when both are named the higher quality wins, and the first when they are equal.
 */
export function wantsEventStream(accept: string | undefined): boolean {
  if (accept === undefined || !accept.toLowerCase().includes(eventStream)) return false;
  let best: string | undefined;
  let bestQuality = 0;
  for (const range of accept.split(",")) {
    const [type = "", ...parameters] = range.split(";");
    const name = type.trim().toLowerCase();
    if (name !== eventStream && name !== json) continue;
    const weight = quality(parameters);
    if (weight > bestQuality) [best, bestQuality] = [name, weight];
  }
  return best === eventStream;
}
