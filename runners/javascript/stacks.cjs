"use strict";
/**
 * Stacks as they would be without the runner: none of its frames, and the columns of the entry as its author counts
 * them. What the runner adds to the entry stands, at worst, before code in the same line (see `program`).
 */
const { dirname, sep } = require("node:path");
const { pathToFileURL } = require("node:url");

/** The folder of all runners, of which another language may use this one. */
const runners = dirname(__dirname) + sep;

function correctStacks(path, edits, inside) {
  const names = [path, pathToFileURL(path).href];
  const lines = edits.map(({ line }) => line);
  const shiftAt = (line, column) =>
    edits
      .filter((edit) => edit.line === line && edit.column + edit.length <= column)
      .reduce((sum, edit) => sum + edit.length, 0);
  const corrected = (site) => {
    const line = site.getLineNumber();
    if (!lines.includes(line) || !names.includes(site.getFileName())) return site;
    const shift = shiftAt(line, site.getColumnNumber());
    return shift === 0 ? site : shifted(site, shift);
  };
  inside.correctStacks((sites) => sites.filter((site) => !isOurs(site)).map(corrected));
}

function isOurs(site) {
  return site.getFileName()?.startsWith(runners) ?? false;
}

/** A call site as V8 makes them, further left. */
function shifted(site, shift) {
  const copy = {};
  for (const name of Object.getOwnPropertyNames(Object.getPrototypeOf(site))) {
    if (name !== "constructor") copy[name] = (...given) => site[name](...given);
  }
  copy.getColumnNumber = () => site.getColumnNumber() - shift;
  copy.toString = () => String(site).replace(/:(\d+)(?=\)?$)/, (_, column) => `:${column - shift}`);
  return copy;
}

module.exports = { correctStacks };
