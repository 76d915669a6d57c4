"use strict";
/** Mistakes that swc finds, as Node would show them. */

/** The SyntaxError with the excerpt that Node shows above it; any other failure as it is. */
function asSyntaxError(failure, path, source, inside) {
  if (typeof failure?.startLine !== "number") return failure;
  const error = new SyntaxError(failure.message);
  const { startLine, startColumn, endLine, endColumn } = failure;
  const line = source.split(/\r\n|[\n\r\u2028\u2029]/)[startLine - 1] ?? "";
  const indent = line.slice(0, startColumn).replace(/[^\t]/g, " ");
  const marks = "^".repeat(Math.max(1, (endLine === startLine ? endColumn : line.length) - startColumn));
  inside.setExcerpt(error, `${path}:${startLine}\n${line}\n${indent}${marks}\n`);
  return error;
}

module.exports = { asSyntaxError };
