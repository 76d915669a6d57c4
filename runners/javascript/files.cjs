"use strict";
/** Reading and writing files by their extension: `loadFile` and `saveFile`. */
const { mkdirSync, readFileSync, writeFileSync } = require("node:fs");
const { dirname, extname } = require("node:path");
const { formatRows, parseRows } = require("./csv.cjs");
const { isPlain } = require("./values.cjs");

const separators = { ".csv": ",", ".tsv": "\t" };

/**
 * The content: rows of csv and tsv as objects of strings, json and jsonl as values, anything else as text. `name` is
 * what an error calls the file.
 */
function load(path, name) {
  const text = readFileSync(path, "utf8").replace(/^\uFEFF/, "");
  const extension = extname(path).toLowerCase();
  if (extension in separators) return parseRows(text, separators[extension]);
  if (extension === ".json") return parse(text, name);
  if (extension === ".jsonl") {
    return text
      .split("\n")
      .map((line, index) => ({ line, place: `${name}, line ${index + 1}` }))
      .filter(({ line }) => line.trim() !== "")
      .map(({ line, place }) => parse(line, place));
  }
  return text;
}

function parse(text, place) {
  try {
    return JSON.parse(text);
  } catch (error) {
    error.message = `loadFile: ${place}: ${error.message}`;
    throw error;
  }
}

/** Writes content, making folders on the way. Throws a TypeError for content that has no form. */
function save(path, content) {
  const written = bytesOf(content) ?? textOf(content, extname(path).toLowerCase());
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, written);
}

function bytesOf(content) {
  if (typeof content === "string" || ArrayBuffer.isView(content)) return content;
  return content instanceof ArrayBuffer ? Buffer.from(content) : null;
}

function textOf(content, extension) {
  if (Array.isArray(content)) {
    if (extension in separators && content.every(isRow)) return formatRows(content, separators[extension]);
    if (extension === ".jsonl") return content.map((item) => `${JSON.stringify(item)}\n`).join("");
  } else if (typeof content !== "object" || content === null) {
    const given = content === null ? "null" : typeof content;
    throw new TypeError(`saveFile: content must be a string, bytes, an array or an object, not ${given}`);
  }
  return `${JSON.stringify(content, null, 2)}\n`;
}

function isRow(item) {
  return typeof item === "object" && item !== null && isPlain(item);
}

module.exports = { load, save };
