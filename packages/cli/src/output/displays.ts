import type { Display, Value } from "@glovebox/protocol";

const extensions: Readonly<Record<string, string>> = {
  "image/png": "png",
  "image/jpeg": "jpg",
  "image/gif": "gif",
  "image/webp": "webp",
  "image/svg+xml": "svg",
  "application/pdf": "pdf",
  "application/javascript": "js",
  "text/html": "html",
  "text/markdown": "md",
  "text/latex": "tex",
  "text/csv": "csv",
  "text/plain": "txt",
};

/** One file for `--out`, named by us, never by the program. */
export interface OutFile {
  readonly name: string;
  readonly data: string | Uint8Array;
}

/** A display in each of its types: `display-1.png`, `display-1.txt`. */
export function displayFiles(displays: readonly Display[]): OutFile[] {
  return displays.flatMap((display, index) =>
    Object.entries(display).map(([mime, value]) => displayFile(`display-${index + 1}`, mime, value)),
  );
}

function displayFile(stem: string, mime: string, value: Value): OutFile {
  const type = mime.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  if (typeof value !== "string") return { name: `${stem}.json`, data: `${JSON.stringify(value, null, 2)}\n` };
  const isBase64 = (type.startsWith("image/") && type !== "image/svg+xml") || type === "application/pdf";
  const name = `${stem}.${extensions[type] ?? (isBase64 ? "bin" : "txt")}`;
  return { name, data: isBase64 ? Buffer.from(value, "base64") : value };
}
