/** Control characters, and those that reorder or hide text: bidirectional marks, zero width, line separators. */
const dangerous = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Text from a program or a file name, safe for a terminal and on one line. */
export function printable(text: string, longest = 500): string {
  const escaped = text.replace(dangerous, (character) => {
    const point = character.codePointAt(0) ?? 0;
    if (character === "\n") return "\\n";
    if (character === "\t") return "\\t";
    return point < 0x100 ? `\\x${point.toString(16).padStart(2, "0")}` : `\\u{${point.toString(16)}}`;
  });
  return escaped.length > longest ? `${escaped.slice(0, longest)}...` : escaped;
}
