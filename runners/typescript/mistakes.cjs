"use strict";
/**
 * Mistakes in a file, as they are found and as Node would show them. They have the form of swc's: code, message,
 * startLine (from 1), startColumn (from 0), endLine and endColumn, and besides `file`, if it is another file than the
 * one that is translated: { path, text }.
 */

/** The mistake of a diagnostic of the TypeScript compiler, which `ts` is, in a file of its form. */
function mistakeIn(file, { start = 0, length = 1, messageText }, ts) {
  const begin = ts.getLineAndCharacterOfPosition(file, start);
  const end = ts.getLineAndCharacterOfPosition(file, start + length);
  return Object.assign(new Error(ts.flattenDiagnosticMessageText(messageText, "\n")), {
    code: "InvalidSyntax",
    file: { path: file.fileName, text: file.text },
    startLine: begin.line + 1,
    startColumn: begin.character,
    endLine: end.line + 1,
    endColumn: end.character,
  });
}

/** What a translator that calls itself for each level ends with: in JavaScript, and in WebAssembly. */
function isTooDeep(failure) {
  return failure instanceof RangeError || failure instanceof WebAssembly.RuntimeError;
}

/** The SyntaxError with the excerpt that Node shows above it; any other failure as it is. */
function asSyntaxError(failure, path, source, inside) {
  if (isTooDeep(failure)) {
    const error = new SyntaxError("the file is nested too deep to be translated");
    inside.setExcerpt(error, `${path}:1\n${source.slice(0, 200).split("\n", 1)[0]}\n`);
    return error;
  }
  if (typeof failure?.startLine !== "number") return failure;
  const error = new SyntaxError(failure.message);
  const { startLine, startColumn, endLine, endColumn, file = { path, text: source } } = failure;
  const line = file.text.split(/\r\n|[\n\r\u2028\u2029]/)[startLine - 1] ?? "";
  const indent = line.slice(0, startColumn).replace(/[^\t]/g, " ");
  const marks = "^".repeat(Math.max(1, (endLine === startLine ? endColumn : line.length) - startColumn));
  inside.setExcerpt(error, `${file.path}:${startLine}\n${line}\n${indent}${marks}\n`);
  return error;
}

module.exports = { asSyntaxError, mistakeIn };
