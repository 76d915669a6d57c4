import {
  executionRequestSchema,
  type FieldError,
  fileNameSchema,
  filesBelowFiles,
  maxCodeBytes,
  ProblemError,
} from "@glovebox/protocol";
import type { ExecutionSpec } from "../api.ts";

/** Checks what the types of a spec cannot say. Throws `invalid-request` that names every broken field. */
export function checkSpec(spec: ExecutionSpec): void {
  const errors: FieldError[] = [];
  const wrong = (field: string, message: string) => errors.push({ field, message });
  const { code, entry, files = [] } = spec;
  if ((code === undefined) === (entry === undefined))
    wrong("code", "give exactly one of 'code' and 'entry' (with 'files')");
  if (code !== undefined && code.trim() === "") wrong("code", "must not be empty");
  if (code !== undefined && Buffer.byteLength(code) > maxCodeBytes)
    wrong("code", "must be at most 1 MiB (1048576 bytes)");
  const names = new Set<string>();
  for (const [index, file] of files.entries()) {
    const field = `files[${index}].name`;
    const parsed = fileNameSchema.safeParse(file.name);
    if (!parsed.success) wrong(field, parsed.error.issues.map((issue) => issue.message).join(", "));
    if (names.has(file.name)) wrong(field, `duplicate name '${file.name}'`);
    names.add(file.name);
  }
  for (const { index, folder } of filesBelowFiles(files.map(({ name }) => name))) {
    wrong(`files[${index}].name`, `'${folder}' is named both as a file and as a folder`);
  }
  if (entry !== undefined && !names.has(entry)) wrong("entry", `names no file of 'files': '${entry}'`);
  for (const [index, argument] of (spec.args ?? []).entries()) {
    if (argument.includes("\0")) wrong(`args[${index}]`, "must not contain a NUL byte");
  }
  if (!executionRequestSchema.shape.sampleIntervalMs.safeParse(spec.sampleIntervalMs).success) {
    wrong("sampleIntervalMs", "must be a whole number from 10 to 60000");
  }
  for (const [name, value] of Object.entries(spec.env ?? {})) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) wrong(`env.${name}`, "must be a name of letters, digits and '_'");
    if (value.includes("\0")) wrong(`env.${name}`, "must not contain a NUL byte");
  }
  if (errors.length > 0) {
    throw new ProblemError("invalid-request", errors.map((error) => `${error.field}: ${error.message}`).join("; "), {
      errors,
    });
  }
}
