import { isUtf8 } from "node:buffer";
import { readFile } from "node:fs/promises";
import type { ExecutionRequest } from "@glovebox/protocol";
import type { HostSources } from "@glovebox/server/engine";
import { unreadable } from "../arguments/mistake.ts";

/** The request as a server takes it: with the content of files and of standard input. Throws `unreadable-file`. */
export async function requestBody(request: ExecutionRequest, sources: HostSources): Promise<Buffer> {
  const files: object[] = [];
  for (const file of request.files ?? []) {
    const path = sources.files?.get(file.name);
    files.push(path === undefined ? file : { name: file.name, ...content(await read("--file", path)) });
  }
  const { stdin } = sources;
  const input = stdin === undefined || stdin instanceof Uint8Array ? stdin : await read("--stdin", stdin.path);
  return Buffer.from(
    JSON.stringify({
      ...request,
      ...(request.files === undefined ? {} : { files }),
      ...(input === undefined ? {} : stdinOf(Buffer.from(input))),
    }),
  );
}

async function read(option: string, path: string): Promise<Buffer> {
  return readFile(path).catch((cause: unknown) => {
    throw unreadable(option, path, cause);
  });
}

const content = (bytes: Buffer) =>
  isUtf8(bytes) ? { content: bytes.toString() } : { contentBase64: bytes.toString("base64") };

const stdinOf = (bytes: Buffer) =>
  isUtf8(bytes) ? { stdin: bytes.toString() } : { stdinBase64: bytes.toString("base64") };
