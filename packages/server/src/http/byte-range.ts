import type { ByteRange } from "../engine/index.ts";

/**
 * What a Range header asks for of `size` bytes. Undefined: everything, because there is no header, it is no range of
 * bytes, or it has several, which a server may answer with everything. `outside`: it begins behind the end.
 */
export function byteRange(header: string | undefined, size: number): ByteRange | "outside" | undefined {
  const match = /^bytes=\s*(\d*)-(\d*)\s*$/i.exec(header ?? "");
  if (match === null) return undefined;
  const [, first = "", last = ""] = match;
  if (first === "" && last === "") return undefined;
  if (first === "") {
    const length = Math.min(Number(last), size);
    return length === 0 ? "outside" : { start: size - length, end: size };
  }
  const start = Number(first);
  const end = last === "" ? size : Math.min(Number(last) + 1, size);
  if (last !== "" && Number(last) < start) return undefined;
  return start >= size ? "outside" : { start, end };
}
