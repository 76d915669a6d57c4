"use strict";
/**
 * Where the functions come from that JSX calls. The first that is there counts:
 *   1. what the file says: @jsxRuntime, @jsxImportSource, @jsx and @jsxFrag in a comment at its beginning
 *   2. what tsconfig.json says: jsxImportSource, jsxFactory, "jsx": "react"
 *   3. a module jsx-runtime among the program's files, beside the file or in a folder above
 *   4. React or Preact, installed where the file can import it
 *   5. a variable React of the file
 */
const { existsSync } = require("node:fs");
const { createRequire } = require("node:module");
const { dirname, join, relative } = require("node:path");

const runtimeFiles = [".ts", ".tsx", ".mts", ".cts", ".js", ".mjs", ".cjs", ".jsx"].map((end) => `jsx-runtime${end}`);
const usual = ["react", "preact"];

const ADVICE =
  "JSX needs a runtime, and none was found: add a file jsx-runtime.ts that exports jsx, jsxs and Fragment, name a " +
  "function with /** @jsx h */ or a package with /** @jsxImportSource preact */ at the beginning of the file (or in " +
  "tsconfig.json: jsxFactory, jsxImportSource), or bring react in node_modules";

/** Options of the compiler for a file with JSX; null if there is nothing that it could call. */
function jsxOptions(file, path, configured, ts) {
  const classic = { jsx: ts.JsxEmit.React, jsxImportSource: undefined };
  const automatic = (jsxImportSource) => ({ jsx: ts.JsxEmit.ReactJSX, jsxImportSource });
  const runtime = pragma(file, "jsxruntime");
  const source = pragma(file, "jsximportsource");
  if (runtime === "classic") return classic;
  if (source !== undefined) return automatic(source);
  if (runtime !== "automatic") {
    if (pragma(file, "jsx") !== undefined) return classic;
    const isClassic = configured.jsxFactory !== undefined || configured.jsx === ts.JsxEmit.React;
    if (isClassic && configured.jsxImportSource === undefined) return classic;
  }
  const found = configured.jsxImportSource ?? ownRuntime(path) ?? installed(path);
  if (found !== undefined) return automatic(found);
  return declaresReact(file, ts) ? classic : null;
}

function pragma(file, name) {
  return [file.pragmas.get(name) ?? []].flat().at(-1)?.arguments.factory;
}

/** What `/jsx-runtime` is put after, as a specifier of the file. */
function ownRuntime(path) {
  const start = dirname(path);
  for (let folder = start; ; folder = dirname(folder)) {
    if (runtimeFiles.some((name) => existsSync(join(folder, name)))) return relative(start, folder) || ".";
    if (folder === dirname(folder)) return undefined;
  }
}

function installed(path) {
  return usual.find((name) => isInstalled(name, path));
}

function isInstalled(name, path) {
  return createRequire(path)
    .resolve.paths(name)
    .some((folder) => existsSync(join(folder, name)));
}

/** What is wrong with options of `jsxOptions`; null if they name no package, or one that is there. */
function missingPackage({ jsxImportSource: source }, path) {
  const [name] = /^(?:@[^/]+\/)?[^./#@:][^/:]*/.exec(source ?? "") ?? [];
  if (name === undefined || isInstalled(name, path)) return null;
  try {
    createRequire(path).resolve(`${source}/jsx-runtime`);
    return null;
  } catch {
    return (
      `JSX needs '${source}/jsx-runtime', and there is no package '${name}': bring it in node_modules, or name ` +
      "another in @jsxImportSource or in jsxImportSource of tsconfig.json"
    );
  }
}

function declaresReact(file, ts) {
  const declared = file.statements.flatMap((statement) => {
    if (ts.isVariableStatement(statement)) return statement.declarationList.declarations.map(({ name }) => name);
    if (ts.isImportEqualsDeclaration(statement)) return [statement.name];
    if (!ts.isImportDeclaration(statement)) return [];
    const { name, namedBindings } = statement.importClause ?? {};
    return [name, namedBindings?.name, ...(namedBindings?.elements ?? []).map((element) => element.name)];
  });
  return declared.some((name) => name?.text === "React");
}

module.exports = { ADVICE, jsxOptions, missingPackage };
