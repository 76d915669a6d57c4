"use strict";
/** Preloaded by Node (--require). TypeScript is what `translate` makes of it, run by the runner of JavaScript. */
const { start } = require("../javascript/runner.cjs");
const { install, isTypeScript } = require("./loader.cjs");
const { rehearse } = require("./rehearsal.cjs");
const { Translator } = require("./translate.cjs");

let translator;
let loader;

start({
  install(inside) {
    translator = new Translator(inside);
    loader = install(translator, inside);
  },
  rehearse: () => rehearse(translator),
  isTranslated: isTypeScript,
  isGenerated: (name, line) => translator.places.isGenerated(name, line),
  original: (path, line, column) => translator.places.original(path, line, column),
  translate(path, source) {
    try {
      return translator.translate(path, source);
    } catch {
      return null;
    }
  },
  substitute: (path, text) => loader.substitute(path, text),
});
