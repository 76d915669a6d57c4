"use strict";
/**
 * Uncaught errors. Node prints them itself; the runner listens just before, sends what the record needs, and corrects
 * what its additions to the entry (see `program`) and its own functions would show.
 */
const { inspect, types } = require("node:util");
const { pathToFileURL } = require("node:url");
const { describeFrames, framesOf, placeOfExcerpt } = require("./frames.cjs");
const { isMistake } = require("./library.cjs");
const { safeInspect, typeName } = require("./values.cjs");

const MAX_TRACEBACK = 1024 * 1024;
const MAX_MESSAGE = 64 * 1024;

/** What node prints with: a program's own `inspect.custom` is not asked for an error. */
const asPrinted = { customInspect: false, depth: 5 };

class Errors {
  #channel;
  #inside;
  #workspace;
  #sources;
  #isTranslated;
  #entry = { path: "", edits: [] };

  /**
   * sources: the texts of files by path, as `lineOf(path, line)` gives them. isTranslated: whether Node has been given
   * another text for a file, line by line.
   */
  constructor({ channel, inside, workspace, sources, isTranslated }) {
    this.#channel = channel;
    this.#inside = inside;
    this.#workspace = workspace;
    this.#sources = sources;
    this.#isTranslated = isTranslated;
  }

  /** The entry and what was added to its text. */
  setEntry(path, edits) {
    this.#entry = { path, edits };
  }

  /** Calls `onFatal` when an error is about to end the program, after it has been sent. */
  listen(onFatal) {
    process.on("uncaughtExceptionMonitor", (error, origin) => {
      const isHandled = process.listenerCount("uncaughtException") > 0 || process.hasUncaughtExceptionCaptureCallback();
      if (isHandled) return;
      this.report(error, origin);
      onFatal();
    });
  }

  /** An object may throw whatever it is asked: Node prints what it can. */
  report(error, origin) {
    attempt(() => this.#correct(error, origin));
    attempt(() => this.#channel.send({ type: "error", error: this.#describe(error) }));
  }

  #describe(error) {
    if (!types.isNativeError(error)) return this.#describeOther(error);
    const stack = stackOf(error);
    const frames = framesOf(stack);
    const excerpt = this.#inside.excerptOf(error);
    const place = error instanceof SyntaxError ? (placeOfExcerpt(stack) ?? placeOfExcerpt(excerpt ?? "")) : null;
    if (place !== null) frames.unshift({ ...place, name: "<anonymous>" });
    const described = describeFrames(frames, this.#workspace, (file, line) => this.#sources.lineOf(file, line));
    const printed = printedText(error);
    const text = excerpt !== null && !printed.startsWith(excerpt) ? `${excerpt}\n${printed}` : printed;
    return {
      type: errorName(error),
      message: String(error.message).slice(0, MAX_MESSAGE).toWellFormed(),
      traceback: text.slice(0, MAX_TRACEBACK).toWellFormed(),
      frames: described,
      line: described.at(-1)?.line ?? null,
    };
  }

  /** JavaScript throws anything. */
  #describeOther(thrown) {
    const message = typeof thrown === "string" ? thrown : safeInspect(thrown, MAX_MESSAGE);
    return {
      type: typeName(thrown),
      message: message.slice(0, MAX_MESSAGE).toWellFormed(),
      traceback: `Uncaught ${safeInspect(thrown, MAX_TRACEBACK)}`,
      frames: [],
      line: null,
    };
  }

  #correct(error, origin) {
    if (!types.isNativeError(error)) return;
    const stack = stackOf(error);
    const noted = this.#inside.excerptOf(error);
    if (placeOfExcerpt(stack) !== null) error.stack = this.#correctExcerpt(stack);
    else if (noted !== null) this.#inside.setExcerpt(error, this.#correctExcerpt(noted));
    else this.#makeExcerpt(error, stack, origin);
  }

  /** Shows the line as it is in the file: "place", the line, marks, and perhaps more. */
  #correctExcerpt(text) {
    const { file, line } = placeOfExcerpt(text) ?? {};
    const source = this.#isOther(file, line) ? this.#sources.lineOf(file, line) : null;
    if (source === null) return text;
    const [place, , marks = "", ...rest] = text.split("\n");
    const shift = this.#editsIn(file, line)
      .filter(({ column, length }) => column + length <= marks.search(/\^/) + 1)
      .reduce((sum, { length }) => sum + length, 0);
    return [place, source, marks.slice(shift), ...rest].join("\n");
  }

  /** Node makes the excerpt when it prints, from the text that it has; unless there is one. */
  #makeExcerpt(error, stack, origin) {
    const [first = ""] = /^ {4}at .*$/m.exec(stack) ?? [];
    const [top] = framesOf(first);
    // What Node throws for a wrong argument, it throws inside, though the stack begins at the call.
    if (top === undefined || /^\w*Error \[ERR_/.test(stack)) return;
    if (!isMistake(error) && !this.#isOther(top.file, top.line)) return;
    const source = this.#sources.lineOf(top.file, top.line);
    if (source === null) return;
    const before = source.slice(0, top.column - 1);
    const column = columnOfThrow(before, source.slice(top.column - 1), origin);
    if (column === null && !isMistake(error)) return;
    const shown = first.includes("file://") ? pathToFileURL(top.file).href : top.file;
    const indent = before.slice(0, column ?? before.length).replace(/[^\t]/g, " ");
    this.#inside.setExcerpt(error, `${shown}:${top.line}\n${source}\n${indent}^\n`);
  }

  /** Whether Node has another text for this line than the file. */
  #isOther(file, line) {
    return file !== undefined && (this.#editsIn(file, line).length > 0 || this.#isTranslated(file));
  }

  #editsIn(file, line) {
    return file === this.#entry.path ? this.#entry.edits.filter((edit) => edit.line === line) : [];
  }
}

/**
 * Where Node puts the mark: a rejection is shown where the error was made, anything else where it was thrown. An error
 * that was made in a line need not be thrown there: null if that is not certain. Columns are counted from 0.
 */
function columnOfThrow(before, after, origin) {
  if (origin === "unhandledRejection") return before.length;
  const isMade = /^(?:new\b|\w*Error\()/.test(after);
  return isMade ? (/\bthrow\s+$/.exec(before)?.index ?? null) : before.length;
}

function attempt(action) {
  try {
    action();
  } catch {
    // Nothing can be said of it.
  }
}

function stackOf(error) {
  return typeof error.stack === "string" ? error.stack : "";
}

/** The name of the class; of a plain Error that was given another name, that name. */
function errorName(error) {
  const name = typeName(error);
  return name === "Error" && typeof error.name === "string" && error.name !== ""
    ? error.name.slice(0, 200).toWellFormed()
    : name;
}

function printedText(error) {
  try {
    return `${inspect(error, asPrinted)}\n`;
  } catch {
    return `${stackOf(error)}\n`;
  }
}

module.exports = { Errors };
