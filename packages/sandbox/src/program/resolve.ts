import {
  type HostRequest,
  maxCodeBytes,
  type Profile,
  type Program,
  type Runtime,
  type Source,
} from "@glovebox/protocol";
import { checkCompilerOptions } from "../languages/compiler-options.ts";
import { resolveRuntime } from "../languages/registry.ts";
import { eachOf } from "./each-of.ts";
import { lookAt, readWhole } from "./host-files.ts";
import { type AmountText, resolveLimits } from "./limits.ts";
import { inlineBytes, refuseWithoutRoom } from "./room.ts";

/** By what a request is resolved. */
export interface Resolving {
  readonly profile: Profile;
  /** Where the language's tools have to be; without it nobody looks for them. */
  readonly toolchains?: { require(runtime: Runtime): unknown };
  /** How amounts of limits are said in problems; as plain numbers by default. */
  readonly amountText?: AmountText;
}

/** Files of the host of up to this size are read at once, like program text. */
const readUpToBytes = maxCodeBytes;

/**
 * Resolves a request that was parsed. Small files of the host and the entry are read here, so that what is checked
 * afterwards is what runs; larger ones are looked at. Rejects with `unknown-language`, `invalid-request`,
 * `limit-over-ceiling`, `language-unavailable` and `unreadable-file`, in this order.
 */
export async function resolveProgram(request: HostRequest, how: Resolving): Promise<Program> {
  const { language, code, entry, sampleIntervalMs, metadata } = request;
  const { compilerOptions = [], returnVariables = [] } = request;
  const { runtime, warning } = resolveRuntime(language, entry);
  checkCompilerOptions(runtime, compilerOptions);
  const { limits, compileLimits } = resolveLimits(request, runtime, how.profile, how.amountText);
  how.toolchains?.require(runtime);
  const files = await readFiles(request, limits.diskBytes);
  const stdin = await readStdin(request);
  const warnings = warning === undefined ? [] : [warning];
  if (returnVariables.length > 0 && !returnsVariables(runtime)) {
    warnings.push(`returnVariables: ${runtime.title} has no variables that could be returned; save results instead`);
  }
  return {
    language: runtime.name,
    ...(code === undefined ? {} : { code }),
    ...(entry === undefined ? {} : { entry }),
    files,
    ...(stdin === undefined ? {} : { stdin }),
    args: request.args ?? [],
    env: request.env ?? {},
    parameters: request.parameters ?? {},
    data: request.data ?? null,
    limits,
    ...(runtime.compile === undefined ? {} : { compileLimits }),
    compilerOptions,
    returnVariables,
    ...(sampleIntervalMs === undefined ? {} : { sampleIntervalMs }),
    ...(metadata === undefined ? {} : { metadata }),
    warnings,
  };
}

/** Commands and runners that read words are not told which variables are wanted. */
function returnsVariables({ start, taskFormat }: Runtime): boolean {
  return start !== "command" && taskFormat !== "words";
}

type RequestFile = NonNullable<HostRequest["files"]>[number];

/** The files in their order. Nothing is read that the sandbox's disk could not take. */
async function readFiles({ files = [], entry }: HostRequest, diskBytes: number): Promise<Source[]> {
  if (files.length === 0) return [];
  const fieldOf = (index: number) => `files[${index}].path`;
  const sources = await eachOf(files, (file, index) => lookAtFile(fieldOf(index), file));
  const names = files.map(({ name }) => name);
  refuseWithoutRoom(names, diskBytes, inlineBytes(sources));
  return eachOf(sources, async (source, index): Promise<Source> => {
    if ("content" in source || (source.size > readUpToBytes && source.name !== entry)) return source;
    return { name: source.name, content: await readWhole(fieldOf(index), source.path) };
  });
}

async function lookAtFile(field: string, { name, content, contentBase64, path }: RequestFile): Promise<Source> {
  if (path !== undefined) return { name, path, size: (await lookAt(field, path)).size };
  return { name, content: content ?? Buffer.from(contentBase64 ?? "", "base64") };
}

async function readStdin({ stdin, stdinBase64 }: HostRequest): Promise<Program["stdin"]> {
  if (stdinBase64 !== undefined) return Buffer.from(stdinBase64, "base64");
  if (stdin === undefined || typeof stdin === "string" || stdin instanceof Uint8Array) return stdin;
  const { size } = await lookAt("stdin", stdin.path);
  return size > readUpToBytes ? stdin : readWhole("stdin", stdin.path);
}
