"use strict";
/**
 * The JavaScript runner: turns a Node process that was started ahead of time into one that runs one program.
 *
 * The life of a run
 *   1. Node starts with this as a preloaded module. It takes what it needs of Node, and does once what a run will do
 *      for the first time (`rehearsal`).
 *   2. It says {"type": "parked"} and waits for the newline.
 *   3. The process becomes the program's: arguments, environment, globals (`task`, `library`).
 *   4. The entry's text is prepared, so that the program's value can be known (`program`, `observer`), and handed to
 *      Node, which runs it as it runs any main module (`entry`). From here on only listeners of the runner remain.
 *   5. An uncaught error is sent before Node prints it (`errors`); at the end go variables and the exit status
 *      (`finish`).
 *
 * Messages on the channel (framing: `channel`; V: `values`)
 *   {"type": "value", "value": V}                    the last expression, unless undefined
 *   {"type": "display", "data": {mime: str | JSON}}  binary types in base64
 *   {"type": "result", "name": str, "value": V}
 *   {"type": "variables", "variables": {name: V}}
 *   {"type": "progress", "fraction": 0..1 | null, "message": str | null}
 *   {"type": "error", "error": {"type", "message", "traceback", "frames", "line"}}
 *   {"type": "warning", "message": str}
 * and last the exit status (`Channel.end`).
 */
const { readFileSync, realpathSync } = require("node:fs");
const Module = require("node:module");
const { isMainThread } = require("node:worker_threads");
const { Channel } = require("./channel.cjs");
const { declaredKind, runNext, substitute } = require("./entry.cjs");
const { Errors } = require("./errors.cjs");
const { Excerpts, marked } = require("./excerpts.cjs");
const { Finish } = require("./finish.cjs");
const { hide, takeInside } = require("./inside.cjs");
const { bindLibrary } = require("./library.cjs");
const { Observer } = require("./observer.cjs");
const { instrument } = require("./program.cjs");
const { collectGarbage, rehearse } = require("./rehearsal.cjs");
const { Sources } = require("./sources.cjs");
const { correctStacks } = require("./stacks.cjs");
const { becomeProgram, takeTask, waitForGo } = require("./task.cjs");

const CHANNEL = 4;

/**
 * `language` is what differs between JavaScript and what becomes JavaScript:
 *   install(inside)      once, before anything is loaded; also in the program's worker threads
 *   rehearse()
 *   isTranslated(path)       whether Node reads another text for a file, with the same lines
 *   isGenerated(name, line)  whether a line of a script, by the name that V8 has for it, is one of a function that was
 *                            added to the text of the file
 *   original(path, line, column)  { line, column } in the file, all from 1, of a place in a text with other lines;
 *                            null for a file that has its own lines
 *   translate(path, source)  the JavaScript of the entry, which has or is marked to have a source map (`excerpts`) if
 *                            it is another text; null if it has a mistake, which Node will find again
 *   substitute(path, text)   makes Node read `text` when it loads a file, and returns how to undo that; if it is not
 *                            given, `entry` does
 */
function start(language) {
  const inside = takeInside();
  language.install(inside);
  if (isMainThread) {
    rehearse(inside, (task, channel) => equip({ task, channel, language, inside }));
    language.rehearse();
    collectGarbage();
  }
  hide();
  leaveNoTrace();
  if (isMainThread) run(language, inside);
  else correctStacks({ path: "", edits: [], isGenerated: language.isGenerated, inside });
}

function run(language, inside) {
  const folder = process.env.GLOVEBOX_JOB || "/glovebox";
  const channel = new Channel(CHANNEL);
  channel.send({ type: "parked" });
  if (!waitForGo()) process.reallyExit(0);

  const task = takeTask(folder);
  becomeProgram(task);
  const { errors, observer } = equip({ task, channel, language, inside });
  const finish = new Finish(channel, inside);
  errors.listen(() => {
    finish.setFatal();
    observer.finish();
  });
  finish.install(() => observer.finish());
  runNext(task.entry);
}

/** Makes everything ready for a program, in a way that another one can follow. */
function equip({ task, channel, language, inside }) {
  const { workspace } = task;
  const { isTranslated, original } = language;
  bindLibrary(task, channel);
  const sources = new Sources();
  const excerpts = new Excerpts({ inside, sources, isTranslated, original });
  const errors = new Errors({ channel, inside, workspace, sources, excerpts });
  const observer = new Observer(channel, inside, task.returnVariables ?? []);
  prepareEntry({ task, language, inside, sources, excerpts, observer });
  return { errors, observer };
}

/** A file that cannot be read is left to Node, which says so. */
function prepareEntry({ task, language, inside, sources, excerpts, observer }) {
  let path;
  let source;
  try {
    path = realpathSync(task.entry);
    source = readFileSync(path, "utf8");
  } catch {
    return;
  }
  sources.add(path, source);
  const { isGenerated } = language;
  correctStacks({ path, edits: [], isGenerated, inside });
  const script = language.translate(path, source);
  if (script === null) return;
  const declared = declaredKind(path);
  let restore = () => {};
  const { name, expect } = observer.expose(script, () => restore());
  const wants = { observer: name, variables: task.returnVariables ?? [], declared };
  const { text, edits, uses, kind } = instrument(script, inside.parse, wants);
  excerpts.setEntry(path, edits);
  correctStacks({ path, edits, isGenerated, inside });
  if (language.substitute !== undefined) restore = language.substitute(path, text);
  else if (edits.length > 0) restore = substitute(path, marked(text), declared ?? kind);
  expect(uses);
}

/** Takes what shows the runner out of the places where a program may look. What is in the caches so far is ours. */
function leaveNoTrace() {
  process.execArgv = [];
  process._preload_modules.length = 0;
  for (const path of Object.keys(Module._cache)) delete Module._cache[path];
  for (const key of Object.keys(Module._pathCache)) delete Module._pathCache[key];
}

module.exports = { start };
