"use strict";
/** The task: what the program is, and how it makes this process look like one that was started for it. */
const { closeSync, readFileSync, readSync, unlinkSync } = require("node:fs");
const Module = require("node:module");
const { join } = require("node:path");
const { setFlagsFromString } = require("node:v8");

const GO = 3;

/**
 * The heap may grow as long as the kernel lets it (--max-old-space-size), and V8 waits with a collection until the heap
 * is up to four times what was alive after the last one. Below this memory limit it waits for half as much again: a
 * live set of 60 MB then peaks at 217 instead of 343 MB, and a program that only allocates takes 1.4 times as long.
 */
const AMPLE_MEMORY = 2 * 1024 ** 3;

/** Waits for the newline. False when the other side went away instead. */
function waitForGo() {
  const byte = Buffer.alloc(1);
  const count = readSync(GO, byte);
  closeSync(GO);
  return count === 1 && byte[0] === 0x0a;
}

function takeTask(folder) {
  const path = join(folder, "task.json");
  const task = JSON.parse(readFileSync(path, "utf8"));
  unlinkSync(path);
  return task;
}

/**
 * Folder, arguments, environment and memory of the program. The process parks in another folder: Node remembers from
 * its start whether there is a package.json where it is.
 */
function becomeProgram({ workspace, entry, args = [], env = {} }) {
  process.chdir(workspace);
  process.argv = [process.execPath, entry, ...args];
  const before = modulePaths();
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
  for (const [name, value] of Object.entries(env)) if (process.env[name] !== value) process.env[name] = value;
  if (modulePaths() !== before) Module._initPaths();
  const memory = Number(process.env.GLOVEBOX_MEMORY_BYTES);
  if (!(memory >= AMPLE_MEMORY)) setFlagsFromString("--heap-growing-percent=50");
}

/** What the folders of global modules depend on. */
function modulePaths() {
  return `${process.env.HOME}:${process.env.NODE_PATH}`;
}

module.exports = { becomeProgram, takeTask, waitForGo };
