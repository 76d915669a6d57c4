"use strict";
/**
 * Where the code of files that were written anew comes from, for what Node does not say by their source maps itself:
 * mistakes that V8 finds in the new code, and what the compiler puts in front of it, which stands for nothing in the
 * file: helper functions, and the import of what JSX calls.
 */
const { SourceMap } = require("node:module");
const { pathOf } = require("../javascript/frames.cjs");

const nowhere = { from: 0, to: -1 };

class Places {
  #files = new Map();

  /**
   * map: a source map as JSON. generated: { from, to, place }: the lines that come from nowhere, counted from 1, and
   * the place in the file that they are for; or null.
   */
  add(path, map, generated) {
    this.#files.set(path, { map, generated, decoded: null });
  }

  /** Whether a line of a script, by the name that V8 has for it, comes from nowhere. It is asked for every frame. */
  isGenerated(name, line) {
    if (this.#files.size === 0) return false;
    const { from, to } = this.#files.get(pathOf(name))?.generated ?? nowhere;
    return from <= line && line <= to;
  }

  /** { line, column } in the file of a place in the new code, all counted from 1; null for a file that is as it was. */
  original(path, line, column) {
    const file = this.#files.get(path);
    if (file === undefined) return null;
    if (this.isGenerated(path, line)) return file.generated.place;
    file.decoded ??= new SourceMap(JSON.parse(file.map));
    const { originalLine, originalColumn } = file.decoded.findEntry(line - 1, column - 1);
    return originalLine === undefined ? null : { line: originalLine + 1, column: originalColumn + 1 };
  }
}

module.exports = { Places };
