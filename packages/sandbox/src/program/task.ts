import { parse } from "node:path";
import type { Program, Runtime } from "@glovebox/protocol";
import { fill, fixedPlaceholders } from "../languages/command.ts";
import type { Toolchain } from "../languages/toolchain.ts";
import { compilerEnvironment, programEnvironment, workspace } from "./environment.ts";
import { diskUse } from "./room.ts";

/** A file of the job folder. */
interface JobFile {
  readonly name: string;
  readonly data: Buffer;
}

/** What the runner of a language is given besides the input files. */
export interface Task {
  /** For a runner that is a copy of the nursery's interpreter: what it runs, or the command that it becomes. */
  readonly body: Buffer;
  /** The job folder; null for the language that has none. */
  readonly job: {
    readonly files: readonly JobFile[];
    /** The compiler's product, as it lies in the folder of staged inputs. */
    readonly product: { readonly staged: string } | null;
    /** The product is what comes out, instead of the files of the workspace. */
    readonly collectProduct: boolean;
  } | null;
}

/**
 * Gives inline code its file: the language's main file, or another name where the request has a file of that name. Its
 * opening stands in its first line, so that lines keep their numbers.
 */
export function placeProgram(
  program: Program,
  { mainFile, inlineCode }: Pick<Runtime, "mainFile" | "inlineCode">,
): Program & { readonly entry: string } {
  const { entry: named, files } = program;
  if (named !== undefined) return { ...program, entry: named };
  const taken = new Set(files.map((file) => file.name.split("/")[0]));
  const { name: stem, ext: extension } = parse(mainFile);
  let entry = mainFile;
  for (let count = 2; taken.has(entry); count++) entry = `${stem}-${count}${extension}`;
  const { code = "", ...rest } = program;
  const opens = inlineCode !== undefined && !new RegExp(inlineCode.unless).test(code);
  const content = opens ? `${inlineCode.opening}${code}` : code;
  return { ...rest, entry, files: [...files, { name: entry, content }] };
}

interface TaskSource {
  readonly toolchain: Toolchain;
  readonly id: string;
  readonly program: Program;
}

/** The task of a program. What a compiler makes of it is added with `withProduct`. */
export function taskOf(source: TaskSource): Task {
  const { toolchain, id, program } = source;
  const { args, parameters, data } = program;
  const uploadedFiles = program.files.map((file) => file.name).filter((name) => name !== program.entry);
  const env = programEnvironment(toolchain, id, program, uploadedFiles);
  const { runtime } = toolchain;
  if (runtime.start === "fork") return { body: json({ ...wholeTask(source, uploadedFiles), env }), job: null };

  const input = { parameters, data, uploadedFiles, workspace, jobId: id };
  const files: JobFile[] = [
    { name: "input.json", data: wellFormed(input) },
    { name: "results.jsonl", data: Buffer.alloc(0) },
  ];
  const entry = `${workspace}/${program.entry}`;
  const job = { files, product: null, collectProduct: false };
  if (runtime.start === "command") {
    const values = { ...fixedPlaceholders(runtime.name, toolchain.tools), entry };
    return { body: wellFormed({ command: fill(runtime.run ?? [], values, { args }), environment: env }), job };
  }
  files.push(
    runtime.taskFormat === "words"
      ? { name: "task.words", data: words([entry, String(args.length), ...args, ...pairs(env)]) }
      : { name: "task.json", data: wellFormed({ ...wholeTask(source, uploadedFiles), code: undefined, entry, env }) },
  );
  return { body: Buffer.alloc(0), job };
}

/** The task with the compiler's product, which lies at `staged` below the staged inputs. */
export function withProduct(task: Task, staged: string): Task {
  return { ...task, job: task.job && { ...task.job, product: { staged } } };
}

/** What the files of the job folder use of the sandbox's disk. */
export function jobBytes(task: Task): number {
  return (task.job?.files ?? []).reduce((sum, { data }) => sum + diskUse(data.length), 0);
}

/** The task of a compiler. */
export function compileTask(
  toolchain: Toolchain,
  entry: string,
  options: readonly string[],
  memoryBytes: number,
): Task {
  const { runtime, tools } = toolchain;
  const values = { ...fixedPlaceholders(runtime.name, tools), entry: `${workspace}/${entry}` };
  return productTask(fill(runtime.compile?.command ?? [], values, { options }), toolchain, memoryBytes);
}

/** The task that makes what is kept ready for all programs of a language. */
export function warmTask(toolchain: Toolchain, memoryBytes: number): Task {
  const { runtime, tools } = toolchain;
  return productTask(fill(runtime.warm?.command ?? [], fixedPlaceholders(runtime.name, tools)), toolchain, memoryBytes);
}

function productTask(command: readonly string[], toolchain: Toolchain, memoryBytes: number): Task {
  const environment = compilerEnvironment(toolchain, memoryBytes);
  return { body: json({ command, environment }), job: { files: [], product: null, collectProduct: true } };
}

function wholeTask({ id, program }: TaskSource, uploadedFiles: readonly string[]): object {
  const { code = null, entry = null, args, parameters, data, returnVariables, metadata = {} } = program;
  return {
    code,
    entry,
    args,
    parameters,
    data,
    uploadedFiles,
    returnVariables,
    jobId: id,
    context: { execution_id: id, session: null, cycle: null, metadata, capabilities: [], job_id: id },
    workspace,
  };
}

function json(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}

/** The same with U+FFFD for halves of characters, which neither the kernel nor all readers of JSON take. */
function wellFormed(value: object): Buffer {
  const text = JSON.stringify(value);
  const repaired = (part: string) => (part.startsWith("\\ud") ? "\ufffd" : part);
  return Buffer.from(text.includes("\\ud") ? text.replace(/\\(?:ud[89a-f][0-9a-f]{2}|.)/g, repaired) : text);
}

function pairs(env: Readonly<Record<string, string>>): string[] {
  return Object.entries(env).map(([name, value]) => `${name}=${value}`);
}

/** Words that each end with a NUL byte, which none of them holds. */
function words(all: readonly string[]): Buffer {
  return Buffer.from(all.map((word) => `${word}\0`).join(""));
}
