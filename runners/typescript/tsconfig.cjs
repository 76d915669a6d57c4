"use strict";
/** What the nearest tsconfig.json says of decorators and JSX. All else in it is about types or other output. */
const { existsSync, readFileSync } = require("node:fs");
const { dirname, join } = require("node:path");
const { mistakeIn } = require("./mistakes.cjs");

const taken = [
  "emitDecoratorMetadata",
  "experimentalDecorators",
  "jsx",
  "jsxFactory",
  "jsxFragmentFactory",
  "jsxImportSource",
  "reactNamespace",
];

/** Options in the form of the compiler's interface, which `ts` is. Throws a mistake in the file. */
function optionsFor(path, ts) {
  const file = nearest(dirname(path));
  if (file === null) return {};
  const json = ts.readJsonConfigFile(file, (name) => readFileSync(name, "utf8"));
  // No list of files is wanted: what `include` says makes no difference.
  const host = { ...ts.sys, readDirectory: () => [] };
  const { options, errors } = ts.parseJsonSourceFileConfigFileContent(json, host, dirname(file), undefined, file);
  const wrong = json.parseDiagnostics[0] ?? errors.find((error) => matters(error, ts));
  if (wrong !== undefined) throw mistakeIn(wrong.file ?? json, wrong, ts);
  const chosen = taken.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]);
  return { ...Object.fromEntries(chosen), useDefineForClassFields: definesFields(options, ts) };
}

function nearest(folder) {
  const file = join(folder, "tsconfig.json");
  if (existsSync(file)) return file;
  return folder === dirname(folder) ? null : nearest(dirname(folder));
}

/** Of what the compiler may say: a file cannot be read, is not found, or extends itself. */
const extendsInVain = [5083, 6053, 18000];

/** Codes below are of files that are no JSON, as the compiler reads it. */
const beyondSyntax = 2000;

/** Whether a mistake is about an option that is taken, or a file named by `extends`, which may have one. */
function matters({ code, messageText }, ts) {
  if (code < beyondSyntax) return true;
  const text = ts.flattenDiagnosticMessageText(messageText, "\n");
  const names = taken.flatMap((name) => [`'${name}'`, `'--${name}'`]);
  return extendsInVain.includes(code) || names.some((name) => text.includes(name));
}

/** As the compiler has it. Without a word of the file, fields are what they are in files without decorators. */
function definesFields({ useDefineForClassFields, target }, ts) {
  return useDefineForClassFields ?? (target === undefined || target >= ts.ScriptTarget.ES2022);
}

module.exports = { optionsFor };
