/**
 * Loads a file of CommonJS with the code that V8 compiled from it earlier. The cache is beside the file, whose name
 * carries the hash of its content, so that a cache never meets another text. V8 refuses a cache of another version of
 * itself; then, and without one, it compiles.
 */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { Script } from "node:vm";

const cacheOf = (file: string) => `${file}.cache`;

function readCache(file: string): Buffer | undefined {
  try {
    return readFileSync(cacheOf(file));
  } catch {
    return undefined;
  }
}

/** `require` is that of a module in the folder of the file. The file has ASCII alone. */
export function load(file: string, require: NodeJS.Require): Script {
  const cachedData = readCache(file);
  const text = readFileSync(file, "latin1");
  const script = new Script(`(function (require, __filename, __dirname) {${text}\n})`, {
    filename: file,
    ...(cachedData === undefined ? {} : { cachedData }),
  });
  script.runInThisContext()(require, file, dirname(file));
  return script;
}

/** Keeps what was compiled by now: the functions that ran are among it. */
export function keepCache(file: string, script: Script): void {
  const made = `${cacheOf(file)}.${process.pid}`;
  writeFileSync(made, script.createCachedData());
  renameSync(made, cacheOf(file));
}
