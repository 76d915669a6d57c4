"use strict";
/**
 * Does, while nobody waits, what a run will do for the first time: V8 compiles a function when it is first called, and
 * Node loads its modules when they are first asked for. The first line of output then takes 2.4 ms instead of 10.
 */
const { Console } = require("node:console");
const { closeSync, openSync, readFileSync } = require("node:fs");
const Module = require("node:module");
const { join } = require("node:path");
const { Writable } = require("node:stream");
const { setFlagsFromString } = require("node:v8");
const { runInNewContext } = require("node:vm");
const { Channel } = require("./channel.cjs");
const { substitute } = require("./entry.cjs");
const { instrument } = require("./program.cjs");

/** What programs often ask for, and what costs time. */
const often = [
  "assert",
  "buffer",
  "child_process",
  "crypto",
  "events",
  "fs/promises",
  "os",
  "path",
  "perf_hooks",
  "readline",
  "readline/promises",
  "stream/promises",
  "timers/promises",
  "url",
  "util",
  "worker_threads",
  "zlib",
];

const sample = join(__dirname, "rehearsal");

/** `equip(task, channel)` makes everything ready for a program. Returns its { errors, observer }. */
function rehearse(inside, equip) {
  for (const name of often) require(`node:${name}`);
  openOutput();
  const nowhere = new Console(new Writable({ write: (_chunk, _encoding, done) => done() }));
  nowhere.log("text %s %d", "a", 1, { a: [1, "b"], c: new Map([[1, { d: 2 }]]) }, [1.5, null, undefined]);
  const source = readFileSync(join(sample, "program.cjs"), "utf8");
  for (let count = 0; count < 3; count++) {
    instrument(source, inside.parse, { observer: "o", variables: ["add"], declared: null });
  }
  perform(equip);
  importModules();
}

/** Runs a program and lets it fail, with a channel that leads nowhere. */
function perform(equip) {
  const descriptor = openSync("/dev/null", "w");
  const entry = join(sample, "program.cjs");
  const task = { entry, workspace: sample, context: { job_id: "a" }, returnVariables: ["add"] };
  const { errors, observer } = equip(task, new Channel(descriptor));
  Module._load(entry, null, false);
  errors.report(new Error("text"));
  observer.finish();
  observer.conceal();
  closeSync(descriptor);
}

/**
 * Loads ES modules, for which Node's loader needs no event loop as long as reading is immediate: what it promises is
 * fulfilled in the queue of microtasks.
 */
function importModules() {
  for (const name of ["sibling.mjs", "module.mjs"]) {
    const path = join(sample, name);
    substitute(path, readFileSync(path, "utf8"), "module");
    import(path).catch(() => {});
    process._tickCallback?.();
  }
}

/**
 * Makes process.stdout, which takes Node longest. What it does to a pipe, to make it not wait for a reader, is undone:
 * `fs.writeSync(1, ...)` would fail on a full pipe.
 */
function openOutput() {
  const { stdout } = process;
  stdout._handle?.setBlocking?.(true);
  if (stdout._type === "pipe") stdout.write("");
}

/**
 * Collects what the rehearsal left. The young generation would be full in the middle of a short program, whose end then
 * waits 2 ms.
 */
function collectGarbage() {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc");
  setFlagsFromString("--no-expose-gc");
  collect();
}

module.exports = { collectGarbage, rehearse };
