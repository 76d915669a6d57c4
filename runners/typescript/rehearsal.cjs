"use strict";
/** Does, while nobody waits, what a run will do for the first time: swc takes 60 ms to be there. */
const { readFileSync } = require("node:fs");
const { SourceMap } = require("node:module");
const { setFlagsFromString } = require("node:v8");
const { join } = require("node:path");

const sample = join(__dirname, "rehearsal");

function rehearse(translator) {
  const path = join(sample, "program.ts");
  const source = readFileSync(path, "utf8");
  // A second, better compilation of swc would take 25 MB more and be of no use for programs of ordinary length.
  setFlagsFromString("--liftoff-only");
  for (let count = 0; count < 3; count++) translator.translate(path, source);
  const anew = translator.writeAnew(path, `enum Kind { Round }\n${source}`);
  new SourceMap(JSON.parse(anew.map)).findEntry(20, 4);
  setFlagsFromString("--no-liftoff-only");
  require("./rehearsal/program.ts");
  import("./rehearsal/module.ts").catch(() => {});
  process._tickCallback?.();
}

module.exports = { rehearse };
