"use strict";
/**
 * TypeScript to JavaScript, by the least that a file needs.
 *
 * Theory of operation. Where types are all that is to be taken out, swc makes them blanks, and every line and column
 * stays what it was. What JavaScript has no form for (enums, namespaces, parameter properties, `import x = require()`)
 * needs other code; such a file is written anew by swc with a source map, by which Node says the places of errors in
 * the original. Decorators, which swc leaves as they are, and JSX, which it does not read, are given to the TypeScript
 * compiler (`compiler`).
 *
 * An import that only types used is dropped, as by the TypeScript compiler. swc does so when it writes a file anew;
 * after blanking `imports` does. A file of which no import or export is left stays a module: `export {}` says so.
 */
const { extname } = require("node:path");
const { declaredKind } = require("../javascript/entry.cjs");
const { marked } = require("../javascript/excerpts.cjs");
const { compile } = require("./compiler.cjs");
const { dropUnusedImports } = require("./imports.cjs");
const { asSyntaxError } = require("./mistakes.cjs");
const { Places } = require("./places.cjs");
const { offerRequire } = require("./require.cjs");

/** What is loaded once, and not in a program's worker thread that has no use for it. */
let swc;

class Translator {
  /** Where the code of files comes from that have other lines than their source. */
  places = new Places();
  #inside;

  constructor(inside) {
    this.#inside = inside;
  }

  /** The JavaScript of a file. Throws a SyntaxError with the place of the mistake. */
  translate(path, source) {
    try {
      return this.#translate(path, source);
    } catch (failure) {
      throw asSyntaxError(failure, path, source, this.#inside);
    }
  }

  /** { code, map }: other code for what JavaScript has no form for, and where it comes from. */
  writeAnew(path, source) {
    const transform = { verbatimModuleSyntax: false, nativeClassProperties: true };
    return swc.transformSync(source, { mode: "transform", filename: path, sourceMap: true, transform });
  }

  #translate(path, source) {
    if (mayHoldJsx(path, source)) return this.#mapped(path, source, compile(path, source, this.#inside));
    const blanked = this.#blank(path, source);
    const written = blanked === null ? this.writeAnew(path, source) : { code: blanked };
    if (this.#needsCompiler(written.code)) {
      return this.#mapped(path, source, compile(path, source, this.#inside));
    }
    if (blanked === null) return this.#mapped(path, source, written);
    return marked(this.#asModule(path, source, dropUnusedImports(blanked, this.#inside.parse)));
  }

  /** The file with blanks for its types; null if that is not enough. */
  #blank(path, source) {
    swc ??= require("@swc/wasm-typescript");
    try {
      return swc.transformSync(source, { mode: "strip-only", filename: path }).code;
    } catch (failure) {
      if (failure?.code !== "UnsupportedSyntax") throw failure;
      return null;
    }
  }

  /** Whether there are decorators: an `@` that is not in a comment or a text, or what an accessor is declared with. */
  #needsCompiler(code) {
    const { parse } = this.#inside;
    if (!/@|\baccessor\b/.test(code) || parse === null) return false;
    return !["module", "script"].some((sourceType) => {
      try {
        return parse(code, {
          ecmaVersion: "latest",
          sourceType,
          allowHashBang: true,
          allowReturnOutsideFunction: true,
        });
      } catch {
        return false;
      }
    });
  }

  /** Code with its map, which Node is told to read. */
  #mapped(path, source, made) {
    const { code, map, generated = null } = this.#withRequire(path, made);
    const complete = JSON.stringify({ ...JSON.parse(map), sources: [path], sourcesContent: [source] });
    this.places.add(path, complete, generated);
    process.setSourceMapsEnabled(true);
    return `${code}\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(complete).toString("base64")}`;
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
}

/** Every element of JSX has one of these marks. swc would take some of them for a regular expression. */
function mayHoldJsx(path, source) {
  return /^\.[jt]sx$/.test(extname(path)) && /<\/|\/>/.test(source);
}

module.exports = { Translator };
