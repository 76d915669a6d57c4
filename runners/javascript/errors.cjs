"use strict";
/**
 * Uncaught errors. Node prints them itself; the runner listens just before, sends what the record needs, and has what
 * it added to the entry and its own functions left out of what is printed (`excerpts`).
 */
const { inspect, types } = require("node:util");
const { describeFrames, framesOf, placeOfExcerpt } = require("./frames.cjs");
const { isMistake } = require("./library.cjs");
const { isMadeOutside } = require("./stacks.cjs");
const { safeInspect, typeName } = require("./values.cjs");

const MAX_TRACEBACK = 1024 * 1024;
const MAX_MESSAGE = 64 * 1024;

/** Taken before a program can replace it. */
const { DOMException } = globalThis;

/** What node prints with: a program's own `inspect.custom` is not asked for an error. */
const asPrinted = { customInspect: false, depth: 5 };

class Errors {
  #channel;
  #inside;
  #workspace;
  #sources;
  #excerpts;

  /** sources: the texts of files by path, as `lineOf(path, line)` gives them. */
  constructor({ channel, inside, workspace, sources, excerpts }) {
    this.#channel = channel;
    this.#inside = inside;
    this.#workspace = workspace;
    this.#sources = sources;
    this.#excerpts = excerpts;
  }

  /** Calls `onFatal` when an error is about to end the program, after it has been sent. */
  listen(onFatal) {
    process.on("uncaughtExceptionMonitor", (error) => {
      // A listener of the program may fail in its turn.
      attempt(() => this.#excerpts.install());
      const isHandled = process.listenerCount("uncaughtException") > 0 || process.hasUncaughtExceptionCaptureCallback();
      if (isHandled) return;
      this.report(error);
      onFatal();
    });
  }

  /** An object may throw whatever it is asked: Node prints what it can. */
  report(error) {
    attempt(() => this.#correct(error));
    attempt(() => this.#channel.send({ type: "error", error: this.#describe(error) }));
  }

  #describe(error) {
    if (!isError(error)) return this.#describeOther(error);
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

  #correct(error) {
    if (!isError(error)) return;
    const stack = stackOf(error);
    if (isMistake(error) || isMadeOutside(error)) this.#excerpts.showCall(error, stack);
    else this.#excerpts.correct(error, stack);
  }
}

function attempt(action) {
  try {
    action();
  } catch {
    // Nothing can be said of it.
  }
}

/** V8 does not know a DOMException as an error. */
function isError(thrown) {
  return types.isNativeError(thrown) || (!types.isProxy(thrown) && thrown instanceof DOMException);
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
