"use strict";
/**
 * Values as faithful JSON.
 *
 * A value that JSON holds exactly becomes that JSON: null, booleans, well-formed strings, finite numbers (integers up
 * to 2^53 - 1), arrays, plain objects. Everything else is replaced, where it stands, by a description:
 *
 *     { "$type": "Name of its class", "repr": at most 2000 characters as util.inspect shows it, ... }
 *
 * and, where they are known cheaply: "length", "items" (the members of a Set, the [key, value] pairs of a Map or of an
 * object that cannot be JSON), "json" (the nearest JSON rendering). An object with a key "$type" is described too, so
 * that a reader can trust the key.
 *
 * Nothing that a value's own code does reaches the caller: what it throws ends in the description.
 */
const { inspect, types } = require("node:util");
const { MAX_MESSAGE_BYTES } = require("./channel.cjs");

const MAX_REPR = 2000;
const MAX_TYPE = 200;
/** Levels of the JSON, so that descriptions count with what they hold. */
const MAX_DEPTH = 64;
const MAX_CELLS = 100_000;
/** Room for the frame around the value. */
const MAX_VALUE_BYTES = MAX_MESSAGE_BYTES - 4096;

const { isArray } = Array;
const { isSafeInteger, isInteger } = Number;
const { getOwnPropertySymbols, getPrototypeOf, keys } = Object;

/** The value does not fit into one message. */
class TooLarge extends Error {}

/**
 * The JSON of a value, whatever the value does: { json, complete }. `complete` is false when the value was too large
 * and stands there as a description only.
 */
function faithful(value, room = MAX_VALUE_BYTES) {
  try {
    return { json: new Converter(room).convert(value, 0), complete: true };
  } catch (error) {
    if (error instanceof TooLarge) return { json: outline(value), complete: false };
    return { json: { $type: typeName(value), repr: failed("conversion", error) }, complete: true };
  }
}

/** A description without members. */
function outline(value) {
  const described = { $type: typeName(value), repr: safeInspect(value) };
  if (typeof value === "string" || isArray(value) || types.isTypedArray(value)) described.length = value.length;
  if (types.isMap(value) || types.isSet(value)) described.length = value.size;
  return described;
}

/** The name of a value's class; "null", "undefined" for themselves. */
function typeName(value) {
  if (value === null || value === undefined) return String(value);
  try {
    const { name } = value.constructor;
    if (typeof name === "string" && name !== "") return name.slice(0, MAX_TYPE).toWellFormed();
  } catch {
    // A getter or a proxy that throws: the language's own word will do.
  }
  return typeof value === "function" ? "Function" : "Object";
}

/** What util.inspect shows, at most `limit` characters; a failure becomes "<inspect failed: ...>". */
function safeInspect(value, limit = MAX_REPR) {
  let text;
  try {
    text = inspect(value, { depth: 4, maxArrayLength: 100, maxStringLength: limit, breakLength: 120 });
  } catch (error) {
    text = failed("inspect", error);
  }
  text = text.toWellFormed();
  return text.length <= limit ? text : `${text.slice(0, limit - 3).toWellFormed()}...`;
}

function failed(what, error) {
  try {
    return `<${what} failed: ${String(error).slice(0, 200).toWellFormed()}>`;
  } catch {
    return `<${what} failed>`;
  }
}

/** Converts one value; `room` bounds the size of its JSON from below, so that one far too large is given up early. */
class Converter {
  #room;
  #path = new Set();

  constructor(room) {
    this.#room = room;
  }

  convert(value, depth) {
    switch (typeof value) {
      case "string":
        this.#spend(value.length + 3);
        return value.isWellFormed() ? value : this.#describe(value, { length: value.length });
      case "number":
        this.#spend(2);
        return Number.isFinite(value) && (isSafeInteger(value) || !isInteger(value)) ? value : this.#describe(value);
      case "boolean":
        this.#spend(4);
        return value;
      case "bigint":
        return this.#describe(value, { json: String(value) });
      case "object":
        return value === null ? this.#nothing() : this.#object(value, depth);
      default:
        return this.#describe(value);
    }
  }

  #nothing() {
    this.#spend(4);
    return null;
  }

  #spend(size) {
    this.#room -= size;
    if (this.#room < 0) throw new TooLarge();
  }

  #describe(value, extra) {
    const repr = safeInspect(value);
    this.#spend(repr.length + 40);
    return { $type: typeName(value), repr, ...extra };
  }

  #object(value, depth) {
    this.#spend(2);
    if (depth >= MAX_DEPTH || this.#path.has(value)) return this.#describe(value);
    this.#path.add(value);
    try {
      if (isArray(value)) return this.#array(value, depth + 1);
      if (isPlain(value)) return this.#plain(value, depth + 1);
      return this.#other(value, depth + 1);
    } catch (error) {
      // A getter that throws, a stack that overflows while the members are described.
      if (error instanceof TooLarge) throw error;
      return this.#describe(value);
    } finally {
      this.#path.delete(value);
    }
  }

  #array(value, depth) {
    const converted = [];
    for (let index = 0; index < value.length; index++) converted.push(this.convert(value[index], depth));
    return converted;
  }

  #plain(value, depth) {
    const names = keys(value);
    const isJson = (name) => name !== "$type" && name.isWellFormed();
    if (!names.every(isJson) || getOwnPropertySymbols(value).length > 0) {
      const items = names.map((name) => [this.convert(name, depth + 2), this.convert(value[name], depth + 2)]);
      return this.#describe(value, { length: items.length, items });
    }
    // Without a prototype, so that a key `__proto__` is a key like any other.
    const converted = Object.create(null);
    for (const name of names) {
      this.#spend(name.length + 4);
      converted[name] = this.convert(value[name], depth);
    }
    return converted;
  }

  #other(value, depth) {
    if (types.isMap(value)) {
      const items = [];
      for (const [key, item] of Map.prototype.entries.call(value)) {
        items.push([this.convert(key, depth + 2), this.convert(item, depth + 2)]);
      }
      return this.#describe(value, { length: items.length, items });
    }
    if (types.isSet(value)) {
      const items = [];
      for (const item of Set.prototype.values.call(value)) items.push(this.convert(item, depth + 1));
      return this.#describe(value, { length: items.length, items });
    }
    if (types.isTypedArray(value)) return this.#typedArray(value, depth);
    if (types.isAnyArrayBuffer(value)) return this.#describe(value, { length: value.byteLength });
    const described = this.#describe(value);
    const json = this.#rendering(value, depth);
    return json === undefined ? described : { ...described, json };
  }

  #typedArray(value, depth) {
    if (Buffer.isBuffer(value) || value.length > MAX_CELLS) return this.#describe(value, { length: value.length });
    const json = [];
    for (const item of value) json.push(typeof item === "bigint" ? String(item) : this.convert(item, depth + 1));
    return this.#describe(value, { length: value.length, json });
  }

  /** What the value offers as its JSON (a Date, a URL, a class with toJSON), or undefined. */
  #rendering(value, depth) {
    if (types.isBoxedPrimitive(value)) return this.convert(value.valueOf(), depth);
    if (typeof value.toJSON !== "function") return undefined;
    const json = value.toJSON();
    return json === undefined || json === value ? undefined : this.convert(json, depth);
  }
}

/** An object literal, of any realm, or an object without a prototype. */
function isPlain(value) {
  const prototype = getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return true;
  return getPrototypeOf(prototype) === null && Object.hasOwn(prototype, "isPrototypeOf");
}

module.exports = { faithful, outline, safeInspect, typeName, isPlain, MAX_VALUE_BYTES };
