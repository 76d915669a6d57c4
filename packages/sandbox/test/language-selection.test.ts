// Depends on: identity.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ExecutionSpec } from "../src/index.ts";
import { runtimes } from "../src/languages/registry.ts";
import { knowLanguage } from "./support/borrowed-language.ts";
import { commandLanguages } from "./support/command-languages.ts";
import { openSandboxes, problemOf, program, temporaryFolder, using } from "./support/sandboxes.ts";
import { toyRuntime } from "./support/toy-runtime.ts";

const folder = temporaryFolder();
const { sandboxes, run, perl } = commandLanguages();

describe("several languages", () => {
  it("run at the same time, each in sandboxes of its own", async () => {
    const specs: ExecutionSpec[] = [
      { language: "lua", code: "print('lua', _VERSION)" },
      { language: "perl", code: 'printf "perl %vd\\n", $^V' },
      { language: "python", code: "print('python')" },
    ];
    const all = await Promise.all([...specs, ...specs, ...specs].map(run));
    expect(all.map(({ language, stdout }) => stdout.startsWith(language))).toEqual(all.map(() => true));
    expect(sandboxes().stats()).toMatchObject({ running: 0, waiting: 0 });
  });

  it("do not see each other's runners", async () => {
    const { stdout } = await perl("print join ',', glob '/opt/glovebox/*'");
    expect(stdout).toBe("/opt/glovebox/perl");
  });

  it("are found by the extension of the entry where none is named, and in any case of letters", async () => {
    const of = async (name: string, content: string) =>
      (await run({ files: [{ name, content }], entry: name })).language;
    expect(await of("a.lua", "print(1)")).toBe("lua");
    expect(await of("A.LUA", "print(1)")).toBe("lua");
    expect(await of("a.b.pl", "print 1")).toBe("perl");
    expect((await run({ code: "1" })).language).toBe("python");
  });

  it("are found by an alias, with a warning", async () => {
    const { language, warnings } = await run({ language: "Perl5", code: "print 1" });
    expect([language, warnings]).toEqual(["perl", ["language: 'Perl5' was read as 'perl'"]]);
  });

  it("that are not known are refused with those that are, and nothing is started", async () => {
    const { started } = sandboxes().stats();
    const byName = await problemOf(run({ language: "cobol", code: "x" }));
    expect([byName.code, byName.errors[0]?.field]).toEqual(["unknown-language", "language"]);
    const byExtension = await problemOf(run({ files: [{ name: "a.cob", content: "x" }], entry: "a.cob" }));
    expect([byExtension.code, byExtension.errors[0]?.field]).toEqual(["unknown-language", "entry"]);
    expect(byExtension.message).toContain("perl (.pl)");
    expect(sandboxes().stats().started).toBe(started);
  });

  it("with limits below what they need are refused with what that is", async () => {
    const floor = runtimes().find(({ floor: least }) => least.processes !== undefined && least.processes > 1);
    if (floor === undefined) throw new Error("no language has a floor");
    const problem = await problemOf(run({ language: floor.name, code: "x", limits: { processes: 1 } }));
    expect([problem.code, problem.errors]).toEqual([
      "invalid-request",
      [{ field: "limits.processes", message: `1 is too little: ${floor.title} needs ${floor.floor.processes}` }],
    ]);
  });
});

describe("a language whose toolchain is missing", () => {
  knowLanguage(
    toyRuntime({
      name: "missing",
      title: "Missing",
      extensions: [".missing"],
      tools: { tool: ["no-such-tool"], other: ["no-such-other"] },
    }),
  );

  it("is refused with the command that installs it, and nothing is started", async () => {
    const { started } = sandboxes().stats();
    const problem = await problemOf(run({ files: [{ name: "a.missing", content: "" }], entry: "a.missing" }));
    expect(problem.code).toBe("language-unavailable");
    expect(problem.message).toBe(
      "Missing is not installed on this host (missing: no-such-tool, no-such-other); run: ./glovebox setup missing",
    );
    expect(sandboxes().stats()).toMatchObject({ started, running: 0, waiting: 0 });
  });

  it("is listed as such, and keeps sandboxes that should have it ready from opening", async () => {
    const listed = (await sandboxes().languages()).find(({ name }) => name === "missing");
    expect(listed).toMatchObject({ version: null, available: false, install: "./glovebox setup missing" });
    expect((await problemOf(openSandboxes({ languages: ["perl", "missing"] }))).code).toBe("language-unavailable");
  });
});

describe("a toolchain in a folder of the operator's", () => {
  let tools = "";
  beforeAll(() => {
    const root = process.getuid?.() === 0;
    tools = mkdtempSync(join(root ? "/opt" : homedir(), "glovebox-test-tools-"));
    chmodSync(tools, 0o755);
    mkdirSync(join(tools, "bin"));
    writeFileSync(join(tools, "bin/perl"), '#!/bin/sh\necho "own: $0"\nexec /usr/bin/perl "$@"\n', { mode: 0o755 });
    chmodSync(join(tools, "bin/perl"), 0o755);
    symlinkSync("/usr/bin/lua5.4", join(tools, "bin/lua5.4"));
  });
  afterAll(() => rmSync(tools, { recursive: true, force: true }));

  it("is used before the system's, seen in its place and not to be written, and its programs find it first", async () => {
    await using({ languages: [], toolchains: [tools], pool: { min: 0, max: 1 } }, async (own) => {
      const code = program(
        "print `command -v perl;`;",
        `print open(my $f, '>>', '${tools}/bin/perl') ? 'written' : 'refused', "\\n";`,
      );
      const execution = await own.execute({ language: "perl", code }).result;
      expect(execution.stdout).toBe(`own: ${tools}/bin/perl\n${tools}/bin/perl\nrefused\n`);
      const lua = await own.execute({ language: "lua", code: "print(arg[-1])" }).result;
      expect(lua.stdout).toBe(`${tools}/bin/lua5.4\n`);
    });
  });

  it("is refused where sandboxes would not see it", async () => {
    const problem = await problemOf(openSandboxes({ toolchains: [folder()] }));
    expect([problem.code, problem.errors[0]?.field]).toEqual(["invalid-configuration", "toolchains[0]"]);
  });
});
