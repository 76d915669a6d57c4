"use strict";
/**
 * Display messages: one object as a bundle of { MIME type: representation }.
 *
 * text/plain is always there. Bytes of a PNG, JPEG, GIF or SVG image are that image (base64, SVG as text); an array of
 * flat objects is a table (text/html, and application/json for the first 1000 rows); any other object offers what its
 * method Symbol.for("Jupyter.display") returns.
 */
const { types } = require("node:util");
const { columnsOf } = require("./csv.cjs");
const { MAX_MESSAGE_BYTES } = require("./channel.cjs");
const { faithful, isPlain, safeInspect } = require("./values.cjs");

const MAX_PLAIN = 20_000;
const MAX_MIME = 200;
const MAX_ROWS = 1000;
const MAX_COLUMNS = 100;

/** The convention of JavaScript kernels of Jupyter; it may be asynchronous. */
const bundleMethod = Symbol.for("Jupyter.display");

const signatures = [
  ["image/png", [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ["image/jpeg", [0xff, 0xd8, 0xff]],
  ["image/gif", [0x47, 0x49, 0x46, 0x38]],
];

/** Whether a value has more to show than its text. */
function isRich(value) {
  try {
    return imageType(value) !== null || isTable(value) || typeof value?.[bundleMethod] === "function";
  } catch {
    return false;
  }
}

/** Sends one display message, later if the value needs time for it. */
function sendDisplay(channel, value) {
  const bundle = { "text/plain": typeof value === "string" ? value.toWellFormed() : safeInspect(value, MAX_PLAIN) };
  try {
    const image = imageType(value);
    if (image !== null) {
      const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
      bundle[image] = bytes.toString(image === "image/svg+xml" ? "utf8" : "base64");
    } else if (isTable(value)) {
      addTable(bundle, value);
    } else if (typeof value?.[bundleMethod] === "function") {
      const made = value[bundleMethod]();
      if (types.isPromise(made)) {
        made.then(
          (later) => sendBundle(channel, add(channel, bundle, later)),
          (error) => sendFailed(channel, bundle, error),
        );
        return;
      }
      add(channel, bundle, made);
    }
  } catch (error) {
    sendFailed(channel, bundle, error);
    return;
  }
  sendBundle(channel, bundle);
}

function add(channel, bundle, made) {
  if (typeof made !== "object" || made === null) {
    channel.warn(`display: Symbol.for("Jupyter.display") must return an object of MIME types, not ${typeof made}`);
    return bundle;
  }
  for (const [type, content] of Object.entries(made)) {
    if (content === undefined || content === null) continue;
    const text = ArrayBuffer.isView(content)
      ? Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString("base64")
      : content;
    bundle[type.slice(0, MAX_MIME).toWellFormed()] = faithful(text).json;
  }
  return bundle;
}

function sendFailed(channel, bundle, error) {
  channel.warn(`display: the representation failed: ${safeInspect(error, 300)}`);
  sendBundle(channel, bundle);
}

/** A representation that makes the message too large is left out with a warning. */
function sendBundle(channel, bundle) {
  while (!channel.send({ type: "display", data: bundle })) {
    const size = (type) => JSON.stringify(bundle[type]).length;
    const largest = Object.keys(bundle).reduce((one, other) => (size(other) > size(one) ? other : one));
    delete bundle[largest];
    channel.warn(`display: the ${largest} representation is larger than ${MAX_MESSAGE_BYTES} bytes and was left out`);
  }
}

function imageType(value) {
  if (!types.isUint8Array(value)) return null;
  for (const [type, bytes] of signatures) {
    if (bytes.every((byte, index) => value[index] === byte)) return type;
  }
  const start = Buffer.from(value.buffer, value.byteOffset, Math.min(value.byteLength, 1000)).toString("latin1");
  return /^\s*(?:<\?xml[^>]*>\s*)?(?:<!--[^>]*-->\s*)?<svg[\s>]/.test(start) ? "image/svg+xml" : null;
}

/** An array of at least one object whose members are all plain scalars. */
function isTable(value) {
  return Array.isArray(value) && value.length > 0 && !types.isProxy(value) && value.every(isRow);
}

function isRow(item) {
  if (typeof item !== "object" || item === null || Array.isArray(item) || !isPlain(item)) return false;
  const members = Object.values(item);
  return members.length > 0 && members.every((member) => member === null || typeof member !== "object");
}

function addTable(bundle, value) {
  const rows = value.slice(0, MAX_ROWS);
  const columns = columnsOf(rows).slice(0, MAX_COLUMNS);
  const line = (tag, cells) => `<tr>${cells.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join("")}</tr>`;
  const cellsOf = (row) => columns.map((name) => row[name]);
  const body = rows.map((row) => line("td", cellsOf(row))).join("\n");
  bundle["text/html"] = `<table>\n<thead>${line("th", columns)}</thead>\n<tbody>\n${body}\n</tbody>\n</table>`;
  bundle["application/json"] = faithful(rows).json;
}

function escaped(cell) {
  const text = cell === undefined || cell === null ? "" : String(cell);
  return text.toWellFormed().replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

module.exports = { isRich, sendDisplay };
