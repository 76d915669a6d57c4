"use strict";
/**
 * Gives a module the `require` that swc makes of `import x = require()`. A variable of the module that has this name
 * has another by then: swc sees to that.
 */

/** What was written of a module (`Places.add`), with one more line in front where it needs `require`. */
function offerRequire({ code, map, generated = null }) {
  if (!/\bconst [\w$]+ = (?:exports\.[\w$]+ = )?require\(/.test(code)) return { code, map, generated };
  const { mappings, ...others } = JSON.parse(map);
  const lines = code.split("\n");
  const lineMappings = mappings.split(";");
  const first = code.startsWith("#!") ? 1 : 0;
  const line =
    'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);';
  lines.splice(first, 0, line);
  lineMappings.splice(first, 0, "");
  return {
    code: lines.join("\n"),
    map: JSON.stringify({ ...others, mappings: lineMappings.join(";") }),
    generated: generated === null ? null : { ...generated, from: generated.from + 1, to: generated.to + 1 },
  };
}

module.exports = { offerRequire };
