import { ProblemError } from "@glovebox/protocol";

/** A place in a list as text that says nothing to others. */
export function cursorOf(position: number): string {
  return Buffer.from(String(position)).toString("base64url");
}

/** Throws `invalid-request` for a text that is no cursor. */
export function positionOf(cursor: string): number {
  const text = cursor.length > 100 ? "" : Buffer.from(cursor, "base64url").toString();
  if (/^\d{1,15}$/.test(text)) return Number(text);
  const message = "is no cursor of this server: give the nextCursor of the page before";
  throw ProblemError.ofFields("invalid-request", [{ field: "cursor", message }]);
}
