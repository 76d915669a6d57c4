// A program that lists the packages that require() finds: name, tab, version on each line.
{
  const { existsSync, readdirSync, readFileSync } = require("node:fs");
  const { join } = require("node:path");
  const folders = require.resolve.paths("package").filter(existsSync);
  const found = new Map();
  const visit = (folder, scope = "") => {
    for (const entry of readdirSync(folder)) {
      if (entry.startsWith("@") && scope === "") visit(join(folder, entry), `${entry}/`);
      try {
        const { version } = JSON.parse(readFileSync(join(folder, entry, "package.json"), "utf8"));
        if (!found.has(scope + entry)) found.set(scope + entry, version ?? "");
      } catch {
        // not a package
      }
    }
  };
  for (const folder of folders) visit(folder);
  for (const name of [...found.keys()].sort()) console.log(`${name}\t${found.get(name)}`);
}
