"use strict";
/** Reads the text of a stack, which is the only form in which every error carries one. */
const { fileURLToPath } = require("node:url");

const MAX_NAME = 500;
/** Frames reported from each end of a long stack. */
const MAX_EACH_END = 50;

/**
 * The frames of a stack that are in files, innermost first: { name, file, line, column }. `file` is an absolute path,
 * `name` is "<anonymous>" where V8 gives none.
 */
function framesOf(stack) {
  const frames = [];
  for (const text of stack.split("\n")) {
    const place = /^ {4}at (.*?)\(?((?:file:\/\/)?\/[^()]*):(\d+):(\d+)\)?$/.exec(text);
    if (place === null) continue;
    const [, called, file, line, column] = place;
    frames.push({ name: nameOf(called), file: pathOf(file), line: Number(line), column: Number(column) });
  }
  return frames;
}

/** Where an excerpt of source begins: "/path/main.js:4" or "file:///path/main.mjs:4" as a line of its own. */
function placeOfExcerpt(text) {
  const place = /^((?:file:\/\/)?\/.*):(\d+)$/.exec(text.split("\n", 1)[0]);
  return place === null ? null : { file: pathOf(place[1]), line: Number(place[2]) };
}

/** The frames of a message: only files below the workspace, outermost first. `lineOf(file, line)` gives source text. */
function describeFrames(frames, workspace, lineOf) {
  const inside = frames.filter(({ file }) => file.startsWith(`${workspace}/`)).reverse();
  const shown =
    inside.length > 2 * MAX_EACH_END ? [...inside.slice(0, MAX_EACH_END), ...inside.slice(-MAX_EACH_END)] : inside;
  return shown.map(({ name, file, line }) => ({
    file: relative(file, workspace),
    line,
    function: name,
    source: lineOf(file, line)?.trim().slice(0, 1000).toWellFormed() || null,
  }));
}

function relative(file, workspace) {
  return file.slice(workspace.length + 1, workspace.length + 1 + MAX_NAME).toWellFormed();
}

function nameOf(called) {
  const name = called.trim().replace(/^async(?: |$)/, "");
  return name === "" || name === "Object.<anonymous>" ? "<anonymous>" : name.slice(0, MAX_NAME).toWellFormed();
}

/** The path that V8 means by the name of a script. */
function pathOf(file) {
  if (!file.startsWith("file://")) return file;
  try {
    return fileURLToPath(file);
  } catch {
    return file;
  }
}

module.exports = { describeFrames, framesOf, pathOf, placeOfExcerpt };
