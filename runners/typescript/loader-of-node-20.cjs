"use strict";
/**
 * What `module.registerHooks` does, for Node 20, whose modules do not change any more.
 *
 * `import` goes through functions that the loader takes from two internal modules when it first needs them, so they are
 * replaced there. `require` finds the handler of an extension in a table. The handler of .js is put there for
 * TypeScript too, so that no frame is added to stacks; that it was asked for says that the next file to be read is one
 * that is being loaded.
 */
const fs = require("node:fs");
const Module = require("node:module");
const { fileURLToPath } = require("node:url");

const { _extensions: handlers, _resolveFilename: resolveFilename } = Module;

function installInNode20({ extensions, isTypeScript, load, redirect }, inside) {
  // In this order: one of the modules that the second needs is half made while the first is not there.
  const resolving = inside.internal("modules/esm/resolve");
  const loading = inside.internal("modules/esm/load");
  const { defaultLoad, defaultLoadSync } = loading;
  const { defaultResolve } = resolving;

  const loaded = (url) => {
    if (!url.startsWith("file:")) return null;
    const path = fileURLToPath(url);
    return isTypeScript(path) ? { responseURL: url, ...load(path) } : null;
  };
  loading.defaultLoad = async (url, context) => loaded(url) ?? defaultLoad(url, context);
  loading.defaultLoadSync = (url, context) => loaded(url) ?? defaultLoadSync(url, context);
  resolving.defaultResolve = (specifier, context) => defaultResolve(redirect(specifier, context.parentURL), context);

  Module._resolveFilename = (request, parent, ...rest) =>
    resolveFilename(redirect(request, parent?.filename ?? undefined), parent, ...rest);
  for (const extension of extensions) {
    Object.defineProperty(handlers, extension, {
      configurable: true,
      enumerable: true,
      get() {
        if (fs.readFileSync !== readLoaded) replaced = fs.readFileSync;
        fs.readFileSync = readLoaded;
        return handlers[".js"];
      },
    });
  }

  /** What was in the place of `readLoaded`, which reads once. */
  let replaced;
  function readLoaded(file, ...rest) {
    fs.readFileSync = replaced;
    if (typeof file !== "string" || !isTypeScript(file)) return replaced(file, ...rest);
    const { source, format } = load(file);
    // The handler of .js goes by what a text looks like.
    return format === "module" && !inside.isModuleSyntax(source, file) ? `${source}\nexport {};` : source;
  }
}

module.exports = { installInNode20 };
