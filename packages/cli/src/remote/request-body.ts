import { isUtf8 } from "node:buffer";
import { readFile } from "node:fs/promises";
import type { HostRequest } from "@glovebox/protocol";
import { unreadable } from "../arguments/mistake.ts";

/** The request as a server takes it: with the content of files and of standard input. Throws `unreadable-file`. */
export async function requestBody(request: HostRequest, stdin: Uint8Array | undefined): Promise<Buffer> {
  const files: object[] = [];
  for (const { name, path, content, contentBase64 } of request.files ?? []) {
    const bytes = path === undefined ? content : await read("--file", path);
    files.push({ name, ...(bytes === undefined ? { contentBase64 } : asContent(bytes)) });
  }
  const input = stdin ?? (await inputOf(request.stdin));
  return Buffer.from(
    JSON.stringify({
      ...request,
      ...(request.files === undefined ? {} : { files }),
      stdin: undefined,
      ...(input === undefined ? {} : asStdin(input)),
    }),
  );
}

async function inputOf(stdin: HostRequest["stdin"]): Promise<string | Uint8Array | undefined> {
  return typeof stdin === "object" && "path" in stdin ? read("--stdin", stdin.path) : stdin;
}

async function read(option: string, path: string): Promise<Buffer> {
  return readFile(path).catch((cause: unknown) => {
    throw unreadable(option, path, cause);
  });
}

const asText = (data: string | Uint8Array) => (typeof data === "string" ? data : Buffer.from(data).toString());
const isText = (data: string | Uint8Array) => typeof data === "string" || isUtf8(data);
const asBase64 = (data: string | Uint8Array) => Buffer.from(data).toString("base64");

const asContent = (data: string | Uint8Array) =>
  isText(data) ? { content: asText(data) } : { contentBase64: asBase64(data) };

const asStdin = (data: string | Uint8Array) =>
  isText(data) ? { stdin: asText(data) } : { stdinBase64: asBase64(data) };
