"use strict";
/**
 * TypeScript to JavaScript by swc, which takes the types out.
 *
 * Theory of operation. Where types are all that is to be taken out, they become blanks, and every line and column stays
 * what it was. What JavaScript has no form for (enums, namespaces, parameter properties, `import x = require()`) needs
 * other code; such a file is written anew with a source map, by which Node says the places of errors in the original.
 *
 * An import that only types used is dropped, as by the TypeScript compiler. swc does so when it writes a file anew;
 * after blanking `imports` does. A file of which no import or export is left stays a module: `export {}` says so.
 */
const { declaredKind } = require("../javascript/entry.cjs");
const { marked } = require("../javascript/excerpts.cjs");
const { dropUnusedImports } = require("./imports.cjs");
const { offerRequire } = require("./require.cjs");

/** What is loaded once, and not in a program's worker thread that has no use for it. */
let swc;

class Translator {
  #inside;

  constructor(inside) {
    this.#inside = inside;
  }

  /** The JavaScript of a file. Throws a SyntaxError with the place of the mistake. */
  translate(path, source) {
    swc ??= require("@swc/wasm-typescript");
    try {
      const { code } = swc.transformSync(source, { mode: "strip-only", filename: path });
      return marked(this.#asModule(path, source, dropUnusedImports(code, this.#inside.parse)));
    } catch (failure) {
      if (failure?.code !== "UnsupportedSyntax") throw this.#mistake(path, source, failure);
    }
    const { code, map } = this.#withRequire(path, this.writeAnew(path, source));
    process.setSourceMapsEnabled(true);
    return `${code}\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(map).toString("base64")}`;
  }

  /** { code, map }: other code for what JavaScript has no form for, and where it comes from. */
  writeAnew(path, source) {
    try {
      const transform = { verbatimModuleSyntax: false, nativeClassProperties: true };
      const { code, map } = swc.transformSync(source, {
        mode: "transform",
        filename: path,
        sourceMap: true,
        transform,
      });
      return { code, map: JSON.stringify({ ...JSON.parse(map), sources: [path], sourcesContent: [source] }) };
    } catch (failure) {
      throw this.#mistake(path, source, failure);
    }
  }

  /** swc alone knows what was an import or an export of the file, and not of a namespace in it. */
  #asModule(path, source, code) {
    if (!/\b(?:import|export)\b/.test(source) || declaredKind(path) !== null) return code;
    if (this.#inside.isModuleSyntax(code, path)) return code;
    return this.#inside.isModuleSyntax(this.writeAnew(path, source).code, path) ? `${code}\nexport {};` : code;
  }

  /** `import x = require()` in a module. */
  #withRequire(path, written) {
    const kind = declaredKind(path) ?? (this.#inside.isModuleSyntax(written.code, path) ? "module" : "script");
    return kind === "module" ? offerRequire(written) : written;
  }

  /** The error with the excerpt that Node shows above a SyntaxError. */
  #mistake(path, source, failure) {
    if (typeof failure?.code !== "string") return failure;
    const error = new SyntaxError(failure.message);
    const { startLine, startColumn, endLine, endColumn } = failure;
    const line = source.split(/\r\n|[\n\r\u2028\u2029]/)[startLine - 1] ?? "";
    const indent = line.slice(0, startColumn).replace(/[^\t]/g, " ");
    const marks = "^".repeat(Math.max(1, (endLine === startLine ? endColumn : line.length) - startColumn));
    this.#inside.setExcerpt(error, `${path}:${startLine}\n${line}\n${indent}${marks}\n`);
    return error;
  }
}

module.exports = { Translator };
