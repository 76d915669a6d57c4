"use strict";
/**
 * What the runner takes from the inside of Node: the command line says --expose-internals, and `hide` takes that
 * back before a program runs.
 *
 * Some things have no public form: the parser that Node carries for its own console (acorn), the state of a promise
 * without handling its rejection, the excerpt of source that Node prints above an uncaught error, the call sites of a
 * stack. Each of them may be missing in another version; the runner then does without what needs it.
 */
const Module = require("node:module");

const { emitWarning } = process;

/** Takes what is there. Called once, before `hide`. */
function takeInside() {
  const binding = attempt(takeBinding) ?? (() => ({}));
  const { getPromiseDetails, privateSymbols = {}, constants = {} } = attempt(() => binding("util")) ?? {};
  const { setPrepareStackTraceCallback } = attempt(() => binding("errors")) ?? {};
  const setErrorSource = attempt(() => takeErrorSource(binding("errors")));
  const { prepareStackTraceCallback } = attempt(() => require("internal/errors")) ?? {};
  const { arrow_message_private_symbol: excerpt, entry_point_promise_private_symbol: entryPromise } = privateSymbols;
  return Object.freeze({
    /** acorn's `parse`, or null. */
    parse: attempt(() => require("internal/deps/acorn/acorn/dist/acorn").parse) ?? null,
    /** [state, result] of a promise with state "pending", "fulfilled" or "rejected", or null if that is not known. */
    promiseState(promise) {
      if (getPromiseDetails === undefined) return null;
      const [state, result] = getPromiseDetails(promise);
      const names = {
        [constants.kPending]: "pending",
        [constants.kFulfilled]: "fulfilled",
        [constants.kRejected]: "rejected",
      };
      return [names[state], result];
    },
    /** True while the entry is an ES module that has not come to its end, where Node says so. */
    entryIsPending() {
      const promise = entryPromise === undefined ? undefined : globalThis[entryPromise];
      return promise !== undefined && this.promiseState(promise)?.[0] === "pending";
    },
    /** The excerpt that Node has noted for an error: "file:line", the line, carets. */
    excerptOf(error) {
      const found = excerpt === undefined ? undefined : error[excerpt];
      return typeof found === "string" ? found : null;
    },
    /** Makes Node print this excerpt above the error. */
    setExcerpt(error, text) {
      if (excerpt !== undefined) error[excerpt] = text;
    },
    /**
     * Has Node print what `excerptOf` gives for an uncaught error of a script with a source map. It is given the name
     * of the script, the line counted from 1, the column from 0, and a function that makes of these three what Node
     * itself would print, undefined without a map that it has read.
     */
    makeExcerpts(excerptOf) {
      setErrorSource?.(excerptOf);
    },
    /** Whether a text is an ES module by its syntax, as Node sees it. */
    isModuleSyntax: attempt(() => binding("contextify").containsModuleSyntax) ?? (() => false),
    /** Has every stack made of what `correct(sites, error)` gives, before the program's own hook sees it. */
    correctStacks(correct) {
      if (setPrepareStackTraceCallback === undefined || prepareStackTraceCallback === undefined) return;
      setPrepareStackTraceCallback((global, error, sites) =>
        prepareStackTraceCallback(global, error, correct(sites, error)),
      );
    },
    /** Internal modules, for what Node 20 has no public interface for. */
    internal: (name) => attempt(() => require(`internal/${name}`)) ?? null,
  });
}

/** Makes the internal modules as unreachable as they are without --expose-internals. */
function hide() {
  attempt(() => {
    const Builtin = require("internal/modules/helpers").loadBuiltinModule("path", "path").constructor;
    const allowed = [...Builtin.map.keys()].filter(
      (name) => !name.startsWith("internal/") && Builtin.canBeRequiredByUsers(name),
    );
    Builtin.setRealmAllowRequireByUsers(allowed);
    // That call leaves out the modules that are called experimental.
    for (const name of allowed) Builtin.allowRequireByUsers(name);
    Module.builtinModules = Object.freeze(Module.builtinModules.filter((name) => !name.startsWith("internal/")));
  });
}

/** `internalBinding`, without the warning and the globals that come with it. */
function takeBinding() {
  process.emitWarning = () => {};
  try {
    return require("internal/test/binding").internalBinding;
  } finally {
    process.emitWarning = emitWarning;
    delete globalThis.internalBinding;
    delete globalThis.primordials;
  }
}

/** Node says its function for excerpts to the binding, when this module is loaded, and to nobody else. */
function takeErrorSource(errors) {
  const { setGetSourceMapErrorSource: set, setSourceMapsEnabled: enable } = errors;
  let byMap = () => undefined;
  errors.setGetSourceMapErrorSource = (given) => {
    byMap = given;
    set(given);
  };
  require("internal/source_map/prepare_stack_trace");
  errors.setGetSourceMapErrorSource = set;
  return (excerptOf) => {
    set((name, line, column) => attempt(() => excerptOf(name, line, column, byMap)));
    // In the binding only, where it does nothing but have that function called.
    enable(true);
  };
}

function attempt(action) {
  try {
    return action();
  } catch {
    return undefined;
  }
}

module.exports = { takeInside, hide };
