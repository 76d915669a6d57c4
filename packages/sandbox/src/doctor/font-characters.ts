import { closeSync, openSync, readSync } from "node:fs";

/** A table of characters is smaller than this in every font for people; larger ones are not read. */
const mostTableBytes = 4 * 1024 * 1024;

function read(file: number, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(file, bytes, 0, length, position));
}

/** The table `cmap` of an OpenType file, of the first font in a collection. */
function characterTable(file: number): Buffer | undefined {
  const head = read(file, 0, 16);
  const start = head.toString("latin1", 0, 4) === "ttcf" ? head.readUInt32BE(12) : 0;
  const count = read(file, start, 12).readUInt16BE(4);
  const records = read(file, start + 12, count * 16);
  for (let at = 0; at + 16 <= records.length; at += 16) {
    if (records.toString("latin1", at, at + 4) !== "cmap") continue;
    const length = records.readUInt32BE(at + 12);
    return length > mostTableBytes ? undefined : read(file, records.readUInt32BE(at + 8), length);
  }
  return undefined;
}

/** Format 4: segments of the characters up to U+FFFF, in the order of their ends. */
function isInSegments(table: Buffer, character: number): boolean {
  const size = table.readUInt16BE(6);
  const word = (list: number, at: number) => table.readUInt16BE(14 + list * size + (list > 0 ? 2 : 0) + at);
  for (let at = 0; at < size; at += 2) {
    if (word(0, at) < character) continue;
    const first = word(1, at);
    if (first > character) return false;
    const offset = word(3, at);
    if (offset === 0) return ((character + word(2, at)) & 0xffff) !== 0;
    return word(3, at + offset + 2 * (character - first)) !== 0;
  }
  return false;
}

/** Format 12: groups of any characters. */
function isInGroups(table: Buffer, character: number): boolean {
  const count = table.readUInt32BE(12);
  for (let group = 0, at = 16; group < count; group++, at += 12) {
    const first = table.readUInt32BE(at);
    if (character >= first && character <= table.readUInt32BE(at + 4)) {
      return table.readUInt32BE(at + 8) + character - first !== 0;
    }
  }
  return false;
}

const unicode = 0;
const windows = 3;

function hasCharacter(table: Buffer, character: number): boolean {
  const count = table.readUInt16BE(2);
  for (let at = 4; at < 4 + count * 8; at += 8) {
    if (![unicode, windows].includes(table.readUInt16BE(at))) continue;
    const part = table.subarray(table.readUInt32BE(at + 4));
    const format = part.readUInt16BE(0);
    if (format === 4 && isInSegments(part, character)) return true;
    if (format === 12 && isInGroups(part, character)) return true;
  }
  return false;
}

/** Which of the characters a font file has; none when it is no font that can be read. */
export function charactersOf(path: string, characters: readonly string[]): string[] {
  let file: number | undefined;
  try {
    file = openSync(path, "r");
    const table = characterTable(file);
    if (table === undefined) return [];
    return characters.filter((character) => hasCharacter(table, character.codePointAt(0) ?? 0));
  } catch {
    return []; // no font, a broken one, or one that sandboxes cannot read either
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
