"use strict";
/**
 * Does, while nobody waits, what a run will do for the first time: V8 compiles a function when it is first called, and
 * Node loads its modules when they are first asked for. The first line of output then takes 1.5 ms instead of 12.
 */
const { Console } = require("node:console");
const { readFileSync } = require("node:fs");
const Module = require("node:module");
const { join } = require("node:path");
const { Writable } = require("node:stream");
const { substitute } = require("./entry.cjs");
const { instrument } = require("./program.cjs");
const { faithful } = require("./values.cjs");

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

function rehearse(inside) {
  for (const name of often) require(`node:${name}`);
  openOutput();
  const nowhere = new Console(new Writable({ write: (_chunk, _encoding, done) => done() }));
  nowhere.log("text %s %d", "a", 1, { a: [1, "b"], c: new Map([[1, { d: 2 }]]) }, [1.5, null, undefined]);
  nowhere.error(new Error("text"));
  const source = readFileSync(join(sample, "program.cjs"), "utf8");
  for (let count = 0; count < 3; count++) {
    instrument(source, inside.parse, { observer: "o", variables: ["add"], declared: null });
  }
  faithful({ a: [1, 1.5, "b", null, true, new Date(0)], c: { d: new Map([[1, 2]]) } });
  Module._load(join(sample, "program.cjs"), null, false);
  importModules();
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

module.exports = { rehearse };
