// Depends on: identity.
/** A virtual environment that the operator names: programs import what is installed in it, and cannot change it. */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { stretched } from "./support/host-slowness.ts";
import { checkLeftovers, openSandboxes, problemOf, program, using } from "./support/sandboxes.ts";

checkLeftovers();

let parent = "";
let environment = "";
let packages = "";
beforeEach(() => {
  parent = mkdtempSync(join(process.getuid?.() === 0 ? "/opt" : homedir(), "glovebox-test-environment-"));
  chmodSync(parent, 0o755);
  environment = join(parent, "env");
  const { status, stderr } = spawnSync("/usr/bin/python3", ["-m", "venv", "--without-pip", environment]);
  expect({ status, stderr: stderr.toString() }).toEqual({ status: 0, stderr: "" });
  const [python = ""] = readdirSync(join(environment, "lib"));
  packages = join(environment, "lib", python, "site-packages");
  mkdirSync(join(packages, "tiny"));
  writeFileSync(join(packages, "tiny/__init__.py"), "import sys\nANSWER = 42\nLOADED = 'glovebox' in sys.modules\n");
  mkdirSync(join(packages, "tiny-1.5.dist-info"));
  writeFileSync(join(packages, "tiny-1.5.dist-info/METADATA"), "Metadata-Version: 2.1\nName: tiny\nVersion: 1.5\n");
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

const options = () => ({ toolchains: [environment], pool: { min: 1, max: 1 } });
const python = (code: string) => ({ language: "python", code });

describe("a virtual environment", () => {
  it("is that of the program and of the interpreters that it starts", async () => {
    const code = program(
      "import os, subprocess, sys, tiny",
      "child = [sys.executable, '-c', 'import tiny; print(tiny.ANSWER)']",
      "try:",
      "    open(tiny.__file__, 'a')",
      "    written = True",
      "except OSError:",
      "    written = False",
      "[tiny.ANSWER, sys.prefix, written, subprocess.run(child, capture_output=True, text=True).stdout]",
    );
    await using(options(), async (own) => {
      const { value, stderr } = await own.execute(python(code)).result;
      expect({ value, stderr }).toEqual({ value: [42, environment, false, "42\n"], stderr: "" });
      const [language] = await own.languages({ names: ["python"], packages: true });
      expect(language?.packages).toEqual([{ name: "tiny", version: "1.5" }]);
    });
  });

  it("serves preloaded programs too", async () => {
    await using({ ...options(), preload: ["tiny"] }, async (own) => {
      await vi.waitFor(() => expect(own.stats().parked).toBe(2), stretched(20_000));
      // What was imported ahead of time did not find the module that every program has.
      expect((await own.execute(python("import tiny\n[tiny.ANSWER, tiny.LOADED]")).result).value).toEqual([42, false]);
      const fresh = "[__import__('ti' + 'ny').ANSWER, __import__('ti' + 'ny').LOADED]";
      expect((await own.execute(python(fresh)).result).value).toEqual([42, true]);
    });
  });

  it("has no code run before a program does", async () => {
    writeFileSync(join(packages, "start.pth"), "import builtins; builtins.started = True\n");
    await using(options(), async (own) => {
      const { value } = await own.execute(python("import builtins\nhasattr(builtins, 'started')")).result;
      expect(value).toBe(false);
    });
  });

  it("of another Python is refused before anything is made", async () => {
    writeFileSync(join(environment, "pyvenv.cfg"), "version = 3.99.4\n");
    const problem = await problemOf(openSandboxes(options()));
    expect([problem.code, problem.errors.map(({ field }) => field)]).toEqual([
      "invalid-configuration",
      ["toolchains[0]"],
    ]);
    expect(problem.message).toContain("is a virtual environment of Python 3.99.4, and Python programs run in");
  });
});
