"use strict";
/** Checks the syntax of a file, not its types: see the check of JavaScript. */
const { check } = require("../javascript/check.cjs");
const { isTypeScript } = require("./loader.cjs");
const { Translator } = require("./translate.cjs");

let translator;

check({
  translate(path, source, inside) {
    translator = new Translator(inside);
    return translator.translate(path, source);
  },
  isTranslated: isTypeScript,
  original: (path, line, column) => translator.places.original(path, line, column),
});
