"use strict";
/**
 * Checks the syntax of a file without running it: node --expose-internals --experimental-vm-modules check.cjs FILE.
 * The mistake goes to stderr as Node prints it, and the exit status is 1.
 *
 * `node --check` would take a module whose name does not say so for a script.
 */
const { readFileSync } = require("node:fs");
const { compileFunction, SourceTextModule } = require("node:vm");
const { declaredKind } = require("./entry.cjs");
const { Excerpts } = require("./excerpts.cjs");
const { takeInside } = require("./inside.cjs");
const { Sources } = require("./sources.cjs");

const parametersOfScript = ["exports", "require", "module", "__filename", "__dirname"];

/** Ends the process. `translate(path, source, inside)` gives the JavaScript of the file; the others are `runner`'s. */
function check({ translate, isTranslated, original }) {
  const inside = takeInside();
  const path = process.argv[2];
  try {
    const script = translate(path, readFileSync(path, "utf8"), inside);
    const kind = declaredKind(path) ?? (inside.isModuleSyntax(script, path) ? "module" : "script");
    if (kind === "module") new SourceTextModule(script, { identifier: path });
    else compileFunction(script.replace(/^#!.*/, ""), parametersOfScript, { filename: path });
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    new Excerpts({ inside, sources: new Sources(), isTranslated, original }).correct(error, error.stack);
    const [printed] = error.stack.split(/\n {4}at /, 1);
    const excerpt = inside.excerptOf(error) ?? "";
    process.stderr.write(`${printed.startsWith(excerpt) ? printed : `${excerpt}\n${printed}`}\n`);
    process.exitCode = 1;
  }
}

if (require.main === module) {
  check({ translate: (_path, source) => source, isTranslated: () => false, original: () => null });
}

module.exports = { check };
