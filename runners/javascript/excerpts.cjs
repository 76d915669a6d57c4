"use strict";
/**
 * The lines of source that Node prints above an uncaught error, as they are in the files.
 *
 * Theory of operation. Node takes the line from the text that it has run, which is another one where the runner has
 * added something or taken types out. Of a script with a source map it asks a function for it, once source maps are
 * enabled, and says the exact place. So a text that differs is marked with the address of an empty map, and when an
 * error is about to be printed that function is put in place. Real source maps go on to Node's own function.
 *
 * A syntax error has its excerpt as soon as it is found; it is corrected before the error is printed.
 */
const { pathToFileURL } = require("node:url");
const { columnBefore } = require("./edits.cjs");
const { framesOf, pathOf, placeOfExcerpt } = require("./frames.cjs");

/** How much Node writes under a line. */
const MAX_MARKED = 1020;

/** A text of which Node asks for lines. */
const marked = (text) => `${text}\n//# sourceMappingURL=data:,`;

class Excerpts {
  #inside;
  #sources;
  #isTranslated;
  #original;
  #entry = { path: "", edits: [] };

  /**
   * sources: the texts of files by path, as `lineOf(path, line)` gives them. isTranslated: whether Node has been given
   * another text for a file, line by line. original: the place in the file of one in another text with other lines, as
   * `original(path, line, column)` gives it; null for any other file.
   */
  constructor({ inside, sources, isTranslated, original }) {
    this.#inside = inside;
    this.#sources = sources;
    this.#isTranslated = isTranslated;
    this.#original = original;
  }

  /** The entry and what was added to its text. */
  setEntry(path, edits) {
    this.#entry = { path, edits };
  }

  /** Has Node ask for lines of marked texts. */
  install() {
    this.#inside.makeExcerpts((name, line, column, byMap) => {
      const before = columnBefore(this.#editsIn(pathOf(name)), line, column + 1) - 1;
      return byMap(name, line, before) ?? this.#excerpt(name, line, before);
    });
  }

  /** Corrects what Node has noted for a syntax error, in its stack and beside it. */
  correct(error, stack) {
    if (placeOfExcerpt(stack) !== null) error.stack = this.#corrected(stack);
    const noted = this.#inside.excerptOf(error);
    if (noted !== null) this.#inside.setExcerpt(error, this.#corrected(noted));
  }

  /** Shows the line of the innermost call, where Node would show one of the runner. */
  showCall(error, stack) {
    const [first = ""] = /^ {4}at .*$/m.exec(stack) ?? [];
    const [top] = framesOf(first);
    if (top === undefined) return;
    const name = first.includes("file://") ? pathToFileURL(top.file).href : top.file;
    const excerpt = this.#excerpt(name, top.line, top.column - 1);
    if (excerpt !== undefined) this.#inside.setExcerpt(error, excerpt);
  }

  /** Of a place as Node names it; the column is counted from 0. */
  #excerpt(name, line, column) {
    const source = this.#sources.lineOf(pathOf(name), line);
    return source === null ? undefined : `${name}:${line}\n${source}\n${marksUnder(source, column)}\n`;
  }

  /** Of "place", the line, marks, and perhaps more: with the line as it is in the file. */
  #corrected(text) {
    const { file, line } = placeOfExcerpt(text) ?? {};
    if (file === undefined) return text;
    const edits = this.#editsIn(file);
    const [place, shown, marks = "", ...rest] = text.split("\n");
    const column = marks.search(/\^/) + 1;
    const before = columnBefore(edits, line, column);
    const original = this.#original(file, line, before);
    const isOther = original !== null || edits.some((edit) => edit.line === line) || this.#isTranslated(file);
    const source = isOther ? this.#sources.lineOf(file, original?.line ?? line) : null;
    if (source === null || (shown === source && original === null)) return text;
    if (original === null) return [place, source, marks.slice(column - before), ...rest].join("\n");
    const carets = marks.trim().slice(0, Math.max(1, source.length + 1 - original.column));
    const indent = source.slice(0, original.column - 1).replace(/[^\t]/g, " ");
    return [place.replace(/\d+$/, original.line), source, indent + carets, ...rest].join("\n");
  }

  #editsIn(file) {
    return file === this.#entry.path ? this.#entry.edits : [];
  }
}

/** As Node does it, which goes through the bytes of the line. */
function marksUnder(source, column) {
  const bytes = Buffer.from(source).subarray(0, MAX_MARKED);
  const indent = bytes.subarray(0, column).toString("latin1").replace(/[^\t]/g, " ");
  return column < bytes.length ? `${indent}^` : indent;
}

module.exports = { Excerpts, marked };
