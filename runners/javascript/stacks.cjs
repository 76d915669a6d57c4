"use strict";
/**
 * Stacks as they would be without the runner: none of its frames or of functions that a translation adds to a file,
 * and the columns of the entry as its author counts them. What the runner adds to the entry stands, at worst, before
 * code in the same line (see `program`).
 */
const { dirname, sep } = require("node:path");
const { pathToFileURL } = require("node:url");
const { columnBefore } = require("./edits.cjs");

/** The folder of all runners, of which another language may use this one. */
const runners = dirname(__dirname) + sep;

/** Errors that were made in an added function, of which no frame is left to show. */
const madeOutside = new WeakSet();

/** isGenerated(name, line): whether a line of a script, by the name that V8 has for it, is one of an added function. */
function correctStacks({ path, edits, isGenerated, inside }) {
  const names = [path, pathToFileURL(path).href];
  const lines = edits.map(({ line }) => line);
  const corrected = (site) => {
    if (site.isEval()) return inEval(site, names, edits);
    const line = site.getLineNumber();
    if (!lines.includes(line) || !names.includes(site.getFileName())) return site;
    const column = site.getColumnNumber();
    const before = columnBefore(edits, line, column);
    return before === column ? site : moved(site, before);
  };
  const isAdded = (site) => isGenerated(site.getFileName() ?? "", site.getLineNumber());
  inside.correctStacks((sites, error) => {
    if (sites.length > 0 && isAdded(sites[0])) madeOutside.add(error);
    return sites.filter((site) => !isOurs(site) && !isAdded(site)).map(corrected);
  });
}

function isOurs(site) {
  return site.getFileName()?.startsWith(runners) ?? false;
}

/** A call site as V8 makes them, at another column. */
function moved(site, column) {
  const copy = copyOf(site);
  copy.getColumnNumber = () => column;
  copy.toString = () => String(site).replace(/:\d+(?=\)?$)/, `:${column}`);
  return copy;
}

/** A call site in the code of an `eval`, whose text says where in which file that was called. */
function inEval(site, names, edits) {
  const correct = (text) =>
    text?.replace(/(?<=\()([^()]+):(\d+):(\d+)(?=\))/g, (place, file, line, column) =>
      names.includes(file) ? `${file}:${line}:${columnBefore(edits, Number(line), Number(column))}` : place,
    );
  if (correct(String(site)) === String(site)) return site;
  const copy = copyOf(site);
  copy.getEvalOrigin = () => correct(site.getEvalOrigin());
  copy.toString = () => correct(String(site));
  return copy;
}

function copyOf(site) {
  const copy = {};
  for (const name of Object.getOwnPropertyNames(Object.getPrototypeOf(site))) {
    if (name !== "constructor") copy[name] = (...given) => site[name](...given);
  }
  return copy;
}

module.exports = { correctStacks, isMadeOutside: (error) => madeOutside.has(error) };
