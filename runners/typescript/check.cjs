"use strict";
/** Checks the syntax of a file, not its types: see the check of JavaScript. */
const { check } = require("../javascript/check.cjs");
const { Translator } = require("./translate.cjs");

check((path, source, inside) => new Translator(inside).translate(path, source));
