"use strict";
/**
 * Hands the entry to Node, which has been started for a file that it has not looked at yet.
 *
 * Theory of operation. The runner is preloaded (--require), so Node goes on to run "the main module" by itself when the
 * runner returns, and no frame of the runner is below the program. Node asks the module loader for `runMain`, for the
 * sake of preloaded modules, and it gets the original with the entry bound: a bound function has no frame either.
 *
 * The text that Node reads for the entry is replaced at the functions of `fs` through which it reads: once for a script,
 * by a path; once for an ES module, by a URL, in Node 20 through `fs.promises`; and twice for a module without a name
 * that says so, which Node first takes for a script. After that the functions are the original ones again, so that a
 * program that reads its own file finds what is there.
 */
const fs = require("node:fs");
const Module = require("node:module");
const { dirname, extname, join } = require("node:path");
const { pathToFileURL } = require("node:url");

const { existsSync, readFileSync } = fs;
const { readFile } = fs.promises;
const { runMain } = Module;

/** Makes Node run this file when the runner returns. */
function runNext(path) {
  const bound = runMain.bind(Module, path);
  const asIs = { value: runMain, writable: true, configurable: true, enumerable: true };
  Object.defineProperty(Module, "runMain", {
    configurable: true,
    enumerable: true,
    get() {
      // Back in its place before it is called, so that stacks say "as runMain".
      Object.defineProperty(Module, "runMain", asIs);
      return bound;
    },
  });
}

/**
 * Makes Node read `text` when it loads a file; `kind` is "script" or "module", what its syntax makes of it. Returns how
 * to undo that.
 */
function substitute(path, text, kind) {
  const { href } = pathToFileURL(path);
  const isModule = (file) => file?.href === href;
  const readAny = (file, ...rest) => {
    if (isModule(file)) restore();
    else if (file !== path) return readFileSync(file, ...rest);
    else if (kind === "script") restore();
    else fs.readFileSync = readModule;
    return isModule(file) ? Buffer.from(text) : text;
  };
  const readModule = (file, ...rest) => (isModule(file) ? readAny(file) : readFileSync(file, ...rest));
  const readLater = (file, ...rest) => (isModule(file) ? Promise.resolve(readAny(file)) : readFile(file, ...rest));
  /** Leaves alone what a program has put in the place of these functions. */
  const restore = () => {
    if (fs.readFileSync === readAny || fs.readFileSync === readModule) fs.readFileSync = readFileSync;
    if (fs.promises.readFile === readLater) fs.promises.readFile = readFile;
  };
  fs.readFileSync = readAny;
  fs.promises.readFile = readLater;
  return restore;
}

/** What the name of a file and the nearest package.json say of it: "module", "script"; null if its syntax decides. */
function declaredKind(path) {
  const extension = extname(path);
  if (/^\.m[jt]s$/.test(extension)) return "module";
  if (/^\.c[jt]s$/.test(extension)) return "script";
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const kind = kindInPackage(join(folder, "package.json"));
    if (kind !== undefined) return kind;
    if (folder === dirname(folder)) return null;
  }
}

function kindInPackage(path) {
  if (!existsSync(path)) return undefined;
  try {
    const { type } = JSON.parse(readFileSync(path, "utf8"));
    return { module: "module", commonjs: "script" }[type] ?? null;
  } catch {
    return undefined;
  }
}

module.exports = { runNext, substitute, declaredKind };
