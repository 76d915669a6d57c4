import { spawnSync } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { join } from "node:path";
import type { Runtime } from "@glovebox/protocol";
import { runnersFolder } from "../runners-folder.ts";
import { fill } from "./command.ts";
import { isProgram } from "./is-program.ts";
import { runtimes } from "./registry.ts";

/** The interpreter in which programs of a language with `fork` run, whatever else is installed. */
const nurserysInterpreter = "/usr/bin/python3";
const checkTimeoutMs = 20_000;

/** The first of the folders that is a virtual environment of the language. */
export function findVirtualEnvironment(runtime: Runtime, folders: readonly string[]): string | undefined {
  const marker = runtime.virtualEnvironment?.marker;
  return marker === undefined ? undefined : folders.find((folder) => existsSync(join(folder, marker)));
}

/**
 * What is wrong with an operator's folder for languages whose programs run in the nursery's own interpreter: another
 * one would be passed over without a word. `earlier`: the folders before it.
 */
export function wrongForInterpreter(folder: string, earlier: readonly string[], all = runtimes()): string | undefined {
  for (const runtime of all.filter(({ start }) => start === "fork")) {
    const message =
      findVirtualEnvironment(runtime, [folder]) === undefined
        ? wrongInterpreter(runtime, folder)
        : wrongEnvironment(runtime, folder, earlier);
    if (message !== undefined) return message;
  }
  return undefined;
}

function wrongInterpreter({ title, tools }: Runtime, folder: string): string | undefined {
  const places = Object.values(tools).flatMap((names) => names.flatMap((name) => [`bin/${name}`, name]));
  const own = places.map((place) => join(folder, place)).find(isProgram);
  if (own === undefined || realpathSync(own) === realpathSync(nurserysInterpreter)) return undefined;
  return (
    `has an interpreter of its own, ${own}, and ${title} programs run in ${nurserysInterpreter} alone; ` +
    `for other packages make a virtual environment with '${nurserysInterpreter} -m venv' and give its folder`
  );
}

function wrongEnvironment(runtime: Runtime, folder: string, earlier: readonly string[]): string | undefined {
  const { virtualEnvironment, name, title } = runtime;
  const other = findVirtualEnvironment(runtime, earlier);
  if (other !== undefined) return `is a second virtual environment of ${title}, besides ${other}; give one of them`;
  const values = { runner: join(runnersFolder, name), folder };
  const [program = "", ...args] = fill(virtualEnvironment?.check ?? [], values);
  const { status, stderr, error } = spawnSync(program, args, { cwd: "/", encoding: "utf8", timeout: checkTimeoutMs });
  if (status === 0) return undefined;
  return stderr?.trim() || `cannot be examined: ${error?.message ?? `${program} ended with ${status}`}`;
}
