import type { ExecutionRequest } from "@glovebox/protocol";
import { definedOnly } from "../defined.ts";
import type { ExecutionSpec, SpecFile } from "./ports.ts";

/**
 * Sources on this host that stand in for content of the request. Only a caller inside the process can
 * give them; a request from outside has no way to name a path of the host.
 */
export interface HostSources {
  /** Path by file name. The request lists the same names with empty content. */
  readonly files?: ReadonlyMap<string, string>;
  readonly stdin?: Uint8Array | { readonly path: string };
}

/** Turns a parsed request into what the sandbox runs. */
export function toSpec(request: ExecutionRequest, sources: HostSources = {}): ExecutionSpec {
  const { files, stdin, stdinBase64, limits, compileLimits, ...rest } = request;
  const bytes = stdinBase64 === undefined ? undefined : Buffer.from(stdinBase64, "base64");
  const input = sources.stdin ?? bytes ?? stdin;
  return {
    ...definedOnly(rest),
    ...(limits === undefined ? {} : { limits: definedOnly(limits) }),
    ...(compileLimits === undefined ? {} : { compileLimits: definedOnly(compileLimits) }),
    ...(files === undefined ? {} : { files: files.map((file) => toSpecFile(file, sources.files)) }),
    ...(input === undefined ? {} : { stdin: input }),
  };
}

type RequestFile = NonNullable<ExecutionRequest["files"]>[number];

function toSpecFile(file: RequestFile, paths: ReadonlyMap<string, string> | undefined): SpecFile {
  const path = paths?.get(file.name);
  if (path !== undefined) return { name: file.name, path };
  const content = file.contentBase64 === undefined ? (file.content ?? "") : Buffer.from(file.contentBase64, "base64");
  return { name: file.name, content };
}
