"use strict";
/**
 * What a program can use without importing it: globals, which it may overwrite.
 *
 * A mistake in their use throws a TypeError or RangeError that names the argument, and whose stack begins at the call.
 */
const { existsSync } = require("node:fs");
const { resolve, sep } = require("node:path");
const { fileURLToPath } = require("node:url");
const { types } = require("node:util");
const { sendDisplay } = require("./displays.cjs");
const { load, save } = require("./files.cjs");
const { faithful, outline } = require("./values.cjs");

const MAX_NAME = 200;
const MAX_PROGRESS_MESSAGE = 4000;

/** Errors whose place is the program's call, not where they are thrown. */
const mistakes = new WeakSet();

/** Puts the names into the global object. */
function bindLibrary(task, channel) {
  const data = task.data ?? null;
  const names = {
    ...functions(task.workspace, channel),
    parameters: task.parameters ?? {},
    data,
    inputData: data,
    uploadedFiles: [...(task.uploadedFiles ?? [])],
    workspace: task.workspace,
    jobId: task.jobId ?? null,
    context: contextOf(task),
  };
  for (const [name, value] of Object.entries(names)) {
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
  }
}

function functions(workspace, channel) {
  /** `saveResult(name, value)` keeps a named result; `saveResult(value)` names it "result". */
  function saveResult(...given) {
    const [name, value] = given.length < 2 ? ["result", given[0]] : given;
    must(typeof name === "string", saveResult, TypeError, `name must be a string, not ${kindOf(name)}`);
    const fits = name.trim() !== "" && name.length <= MAX_NAME && !/\p{C}/u.test(name);
    const shown = JSON.stringify(name.slice(0, 80));
    must(fits, saveResult, RangeError, `name must have 1 to ${MAX_NAME} printable characters, not ${shown}`);
    sendValue(channel, { type: "result", name }, value, `result '${name}'`);
  }

  /** The content of a file, by its extension (see `files`). */
  function loadFile(name) {
    const path = resolve(workspace, pathOf(name, loadFile));
    if (!existsSync(path)) {
      const error = mistake(Error, `loadFile: there is no file '${name}'`, loadFile);
      throw Object.assign(error, { code: "ENOENT", path });
    }
    return ofTheCall(loadFile, () => load(path, name));
  }

  /** Writes a file below the workspace, making folders on the way (see `files`). Returns its path. */
  function saveFile(name, content) {
    const path = resolve(workspace, pathOf(name, saveFile));
    const isInside = path.startsWith(workspace + sep);
    must(isInside, saveFile, RangeError, `name must stay below the workspace ${workspace}, not '${name}'`);
    ofTheCall(saveFile, () => save(path, content));
    return path;
  }

  /** Says how far the program is: 0 to 1, or a percentage above 1 up to 100, or null; with a message to show. */
  function reportProgress(fraction = null, message = null) {
    channel.send({
      type: "progress",
      fraction: fraction === null ? null : fractionOf(fraction, reportProgress),
      message: message === null ? null : String(message).slice(0, MAX_PROGRESS_MESSAGE).toWellFormed(),
    });
  }

  /** Shows objects in the richest forms they have (see `displays`). */
  function display(...objects) {
    for (const item of objects) sendDisplay(channel, item);
  }

  return { saveResult, loadFile, saveFile, reportProgress, display };
}

/** Sends `message` with the JSON of a value under "value"; one too large is described, with a warning naming `what`. */
function sendValue(channel, message, value, what) {
  const { json, complete } = faithful(value);
  if (complete && channel.send({ ...message, value: json })) return;
  channel.send({ ...message, value: outline(value) });
  channel.warn(`${what} is too large for one message; only a description of it was kept`);
}

/** What the program may know of its execution; keys arrive in snake_case and are offered in camelCase. */
function contextOf(task) {
  const defaults = { executionId: null, session: null, cycle: null, metadata: {}, capabilities: [] };
  const given = Object.entries(task.context ?? {}).map(([key, value]) => [
    key.replace(/(?<=.)_([a-z])/g, (_, letter) => letter.toUpperCase()),
    value,
  ]);
  return Object.freeze({ ...defaults, jobId: task.jobId ?? null, ...Object.fromEntries(given) });
}

function pathOf(name, caller) {
  const path = name instanceof URL && name.protocol === "file:" ? fileURLToPath(name) : name;
  must(typeof path === "string", caller, TypeError, `name must be a string, not ${kindOf(name)}`);
  must(path !== "" && !path.includes("\0"), caller, RangeError, "name must be the name of a file");
  return path;
}

function fractionOf(given, caller) {
  must(typeof given === "number", caller, TypeError, `fraction must be a number, not ${kindOf(given)}`);
  const allowed = given >= 0 && given <= 100;
  must(allowed, caller, RangeError, `fraction must be from 0 to 1, or a percentage up to 100, not ${given}`);
  return given <= 1 ? given : given / 100;
}

function must(holds, caller, Kind, text) {
  if (!holds) throw mistake(Kind, `${caller.name}: ${text}`, caller);
}

function mistake(Kind, text, caller) {
  const error = new Kind(text);
  Error.captureStackTrace(error, caller);
  mistakes.add(error);
  return error;
}

/** What fails inside is shown where the program called. */
function ofTheCall(caller, action) {
  try {
    return action();
  } catch (error) {
    if (types.isNativeError(error)) {
      Error.captureStackTrace(error, caller);
      mistakes.add(error);
    }
    throw error;
  }
}

function kindOf(value) {
  if (value === null) return "null";
  return typeof value === "object" ? (value.constructor?.name ?? "object") : typeof value;
}

module.exports = { bindLibrary, sendValue, isMistake: (error) => mistakes.has(error) };
