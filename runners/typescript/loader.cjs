"use strict";
/**
 * Makes Node load TypeScript and files with JSX, also by names without an extension or with that of the JavaScript they
 * would become (`./util`, `./util.js` for util.ts), for `import` and for `require`.
 *
 * Node has an interface for that from 22.15 on (module.registerHooks). For Node 20 `loader-of-node-20` does the
 * same. Both are given the same two functions:
 *   redirect(specifier, parent)  the specifier that leads to a file that is there
 *   load(path)                   { source, format }: JavaScript, "commonjs" or "module"
 */
const { existsSync, readFileSync, statSync } = require("node:fs");
const Module = require("node:module");
const { dirname, extname, resolve } = require("node:path");
const { fileURLToPath, pathToFileURL } = require("node:url");
const { declaredKind } = require("../javascript/entry.cjs");
const { installInNode20 } = require("./loader-of-node-20.cjs");

const extensions = [".ts", ".tsx", ".mts", ".cts", ".jsx"];
const isTypeScript = (path) => extensions.includes(extname(path));

/** What a name that leads nowhere may have been meant for. */
const endings = [
  [/\.([mc]?)js$/, [".$1ts"]],
  [/\.jsx?$/, [".tsx"]],
  [/$/, [...extensions, ...extensions.map((extension) => `/index${extension}`)]],
  // What the compiler writes for JSX (`jsx`) may be a module of the program that is JavaScript.
  [/\/jsx-runtime$/, ["$&.js", "$&.mjs", "$&.cjs"]],
];

function install(translator, inside) {
  /** Texts that are given in place of what is in the file, by path. */
  const prepared = new Map();

  function load(path) {
    const source = prepared.get(path) ?? translator.translate(path, readFileSync(path, "utf8"));
    return { source, format: formatOf(path, source) };
  }

  function formatOf(path, source) {
    const kind = declaredKind(path) ?? (inside.isModuleSyntax(source, path) ? "module" : "script");
    return kind === "module" ? "module" : "commonjs";
  }

  function substitute(path, text) {
    prepared.set(path, text);
    return () => prepared.delete(path);
  }

  if (Module.registerHooks === undefined) installInNode20({ extensions, isTypeScript, load, redirect }, inside);
  else register(load);
  return { substitute };
}

function register(load) {
  Module.registerHooks({
    resolve: (specifier, context, next) => next(redirect(specifier, context.parentURL), context),
    load(url, context, next) {
      if (!url.startsWith("file:")) return next(url, context);
      const path = fileURLToPath(url);
      return isTypeScript(path) ? { ...load(path), shortCircuit: true } : next(url, context);
    },
  });
}

/** `parent` is the path or URL of the file that names it. */
function redirect(specifier, parent) {
  const isUrl = specifier.startsWith("file:");
  if (!(isUrl || /^\.{0,2}\//.test(specifier)) || parent === undefined) return specifier;
  const folder = dirname(parent.startsWith("file:") ? fileURLToPath(parent) : parent);
  const path = isUrl ? fileURLToPath(specifier) : resolve(folder, specifier);
  if (isFile(path)) return specifier;
  for (const [pattern, replacements] of endings) {
    if (!pattern.test(path)) continue;
    for (const replacement of replacements) {
      const candidate = path.replace(pattern, replacement);
      if (existsSync(candidate)) return isUrl ? pathToFileURL(candidate).href : candidate;
    }
  }
  return specifier;
}

function isFile(path) {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

module.exports = { install, isTypeScript };
