/** Whether a Prefer header (RFC 7240) asks for an answer before the work is done. */
export function prefersAsync(header: string | string[] | undefined): boolean {
  const text = typeof header === "string" ? header : (header?.join(",") ?? "");
  return text.split(",").some((preference) => preference.split(";", 1)[0]?.trim().toLowerCase() === "respond-async");
}
