"use strict";
/** The lines of source files, for errors: of the entry as it was when it started, of other files as they are. */
const { readFileSync } = require("node:fs");

class Sources {
  #texts = new Map();

  add(path, text) {
    this.#texts.set(path, text.split(/\r\n|[\n\r\u2028\u2029]/));
  }

  /** Line `line` of a file, counted from 1; null if there is none. */
  lineOf(path, line) {
    if (!this.#texts.has(path)) {
      try {
        this.add(path, readFileSync(path, "utf8"));
      } catch {
        return null;
      }
    }
    return this.#texts.get(path)[line - 1] ?? null;
  }
}

module.exports = { Sources };
