"use strict";
/** Preloaded by Node (--require). See `runner`. */
const { start } = require("./runner.cjs");

start({
  install() {},
  rehearse() {},
  isTranslated: () => false,
  isGenerated: () => false,
  original: () => null,
  translate: (_path, source) => source,
});
