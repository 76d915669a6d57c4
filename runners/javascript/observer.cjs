"use strict";
/**
 * What the program is asked for: the value of its last expression and variables by name.
 *
 * The text of the entry (see `program`) speaks to a global object, which is gone as soon as it has been used: `value`
 * is set where the last expression ends, `variables` to closures before the first statement. Values go out at once; a
 * promise when the program is over, since only then it can be seen how it was settled without handling its rejection in
 * the program's place. So do variables, in their last state.
 */
const { types } = require("node:util");
const { isRich, sendDisplay } = require("./displays.cjs");
const { sendValue } = require("./library.cjs");
const { faithful, MAX_VALUE_BYTES, outline, safeInspect } = require("./values.cjs");

class Observer {
  #channel;
  #inside;
  #names;
  #promise = null;
  #closures = {};
  #name = null;
  #finished = false;

  constructor(channel, inside, names) {
    this.#channel = channel;
    this.#inside = inside;
    this.#names = names;
  }

  /**
   * Puts the object into the global scope. Returns its name, which the source does not mention, and `expect`, to be
   * told how often the source uses it. After the last use the object is gone, and `onUsedUp` is called.
   */
  expose(source, onUsedUp) {
    let name = "__glovebox__";
    while (source.includes(name)) name += "_";
    let uses = 0;
    const used = () => {
      uses -= 1;
      if (uses > 0) return;
      this.conceal();
      onUsedUp();
    };
    const take = (value) => {
      try {
        this.#take(value);
      } catch (error) {
        this.#channel.warn(`the value of the last expression could not be kept: ${safeInspect(error, 300)}`);
      }
    };
    const keep = (closures) => {
      this.#closures = closures;
    };
    const facade = Object.freeze({
      __proto__: null,
      set value(value) {
        used();
        take(value);
      },
      set variables(closures) {
        used();
        keep(closures);
      },
    });
    Object.defineProperty(globalThis, name, { value: facade, configurable: true, enumerable: false, writable: false });
    this.#name = name;
    const expect = (count) => {
      uses = count + 1;
      used();
    };
    return { name, expect };
  }

  conceal() {
    Reflect.deleteProperty(globalThis, this.#name);
  }

  /** Sends what can be sent only now that the program is over; once. */
  finish() {
    if (this.#finished) return;
    this.#finished = true;
    if (this.#promise !== null) {
      const [state, result] = this.#inside.promiseState(this.#promise) ?? [];
      if (state === "fulfilled") this.#send(result);
    }
    if (this.#names.length > 0) this.#sendVariables();
  }

  #take(value) {
    if (types.isPromise(value)) this.#promise = value;
    else this.#send(value);
  }

  #send(value) {
    if (value === undefined) return;
    sendValue(this.#channel, { type: "value" }, value, "the value of the last expression");
    if (isRich(value)) sendDisplay(this.#channel, value);
  }

  #sendVariables() {
    const found = new Map();
    for (const name of this.#names) {
      try {
        found.set(name, this.#closures[name]());
      } catch {
        this.#channel.warn(`returnVariables: the program has no variable '${name}'`);
      }
    }
    const variables = Object.create(null);
    for (const [name, value] of found) {
      const { json, complete } = faithful(value, MAX_VALUE_BYTES);
      variables[name] = json;
      if (!complete) {
        this.#channel.warn(`returnVariables: '${name}' is too large; only a description of it was kept`);
      }
    }
    if (this.#channel.send({ type: "variables", variables })) return;
    this.#channel.warn("returnVariables: together too large for one message; only descriptions were kept");
    for (const [name, value] of found) variables[name] = outline(value);
    this.#channel.send({ type: "variables", variables });
  }
}

module.exports = { Observer };
