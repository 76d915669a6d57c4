/** Languages as a user meets them: what is listed, which one a file is, what is said of one that is missing. */
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { finishedExecutionSchema, type Language, languageSchema, runtimeSchema } from "@glovebox/protocol";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { root } from "./checkout.ts";
import { type Ended, endChildren, endOf, startChild } from "./support/child.ts";
import { glovebox, main } from "./support/glovebox.ts";
import { withoutPrograms } from "./support/hidden.ts";
import { scratchFolder } from "./support/scratch.ts";
import { startServer } from "./support/server.ts";
import { waivers } from "./support/waivers.ts";

endChildren();
const scratch = scratchFolder();
const seen = ({ status, stdout, stderr }: Ended) => ({ status, stdout: stdout.toString(), stderr });
const listSchema = z.strictObject({ languages: z.array(languageSchema) });

const manifests = readdirSync(join(root, "runners"), { recursive: true, encoding: "utf8" })
  .filter((path) => /^[^/]+\/runtime\.json$/.test(path))
  .map((path) => runtimeSchema.parse(JSON.parse(readFileSync(join(root, "runners", path), "utf8"))))
  .sort((one, other) => one.title.localeCompare(other.title, "en"));

test("docs/languages.md describes every field of a manifest, and no other", () => {
  const text = readFileSync(join(root, "docs/languages.md"), "utf8");
  const section = /^## The manifest\n([\s\S]*?)\nIn commands,/m.exec(text)?.[1] ?? "";
  const described = [...section.matchAll(/^\| `(\w+)` \| /gm)].map((match) => match[1]);
  expect(described).toEqual(Object.keys(runtimeSchema.shape));
});

test("the README's table names each language as its manifest does", () => {
  const rows = readFileSync(join(root, "README.md"), "utf8").matchAll(/^\| ([^|`]+) \| `(\w[\w-]*)` \| (.+) \|$/gm);
  expect([...rows].map(([, title, name, extensions]) => [title, name, extensions])).toEqual(
    manifests.map(({ title, name, extensions }) => [
      title,
      name,
      extensions.map((extension) => `\`${extension}\``).join(" "),
    ]),
  );
});

async function listed(): Promise<readonly Language[]> {
  const { status, stdout, stderr } = seen(await glovebox(["languages", "--json"]));
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return listSchema.parse(JSON.parse(stdout)).languages;
}

test("every folder with a manifest is a language, and every language is here", async () => {
  const languages = await listed();
  expect(languages.map(({ name }) => name).sort()).toEqual(manifests.map(({ name }) => name).sort());
  const missing = languages.filter(({ available, version, install }) => !available || !version || install !== null);
  expect(missing).toEqual([]);
});

test("the table has a line for each language, with its version, extensions and aliases", async () => {
  const { status, stdout, stderr } = seen(await glovebox(["languages"]));
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  const [header, ...lines] = stdout.trimEnd().split("\n");
  expect(header?.split(/\s+/)).toEqual(["NAME", "VERSION", "EXTENSIONS", "ALIASES", "STATE"]);
  const words = lines.map((line) => line.split(/\s+/));
  expect(words).toEqual(
    (await listed()).map(({ name, version, extensions, aliases }) => [
      name,
      version,
      ...extensions,
      ...aliases,
      "available",
    ]),
  );
});

test("HTTP answers with what the command line prints", async () => {
  const server = await startServer(["--preload", "", "--pool-min", "0"]);
  const { status, headers, text } = await server.send({ path: "/v1/languages" });
  await server.stop();
  expect([status, headers["content-type"]]).toEqual([200, "application/json; charset=utf-8"]);
  expect(listSchema.parse(JSON.parse(text)).languages).toEqual(await listed());
});

describe("a file runs in the language of its name", () => {
  test.each(manifests)("$title says hello", async ({ name, tests }) => {
    const folder = join("examples/languages", name);
    const file = readdirSync(join(root, folder)).find((entry) => entry.startsWith("hello."));
    const ended = await glovebox(["run", join(folder, file ?? "")]);
    expect(seen(ended)).toEqual({ status: 0, stdout: tests?.hello.stdout, stderr: "" });
  });
});

describe("a compiled language", () => {
  const put = (name: string, content: string) => {
    const path = join(scratch(), name);
    writeFileSync(path, content);
    return path;
  };
  const run = (...args: readonly string[]) =>
    glovebox(["run", ...args], { env: { GLOVEBOX_CACHE_DIR: join(scratch(), "cache") } });

  test("ends with the message and the status of its compiler when that fails", async () => {
    const { status, stdout, stderr } = seen(await run(put("broken.c", "int main(void) {\n  return nothing;\n}\n")));
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toMatch(/broken\.c:2:10: error: .*nothing/);
    expect(stderr).not.toContain("glovebox: ");
  });

  test("passes on what its compiler warns of, behind the program's output, each time", async () => {
    const file = put(
      "careless.c",
      '#include <stdio.h>\nint main(void) {\n  int n = "1";\n  puts("ran");\n  return 3;\n}\n',
    );
    for (const _ of ["compiled", "cached"]) {
      const { status, stdout, stderr } = seen(await run(file));
      expect({ status, stdout }).toEqual({ status: 3, stdout: "ran\n" });
      expect(stderr).toMatch(/^glovebox: compiler: .*careless\.c:3:11: warning: /m);
      expect(
        stderr
          .trimEnd()
          .split("\n")
          .filter((line) => !line.startsWith("glovebox: compiler: ")),
      ).toEqual([]);
    }
  });

  test("is compiled once for the same source, in another process too", async () => {
    const file = put("again.c", "int main(void) { return 0; }\n");
    const cached: (boolean | undefined)[] = [];
    for (const _ of ["first", "second"]) {
      const { stdout } = await run(file, "--json");
      cached.push(finishedExecutionSchema.parse(JSON.parse(stdout.toString())).compile?.cached);
    }
    expect(cached).toEqual([false, true]);
  });

  test("has its compiler stopped at a limit of its own, which is said", async () => {
    // A terminal that nobody writes to is no source: the compiler waits for it, and says nothing.
    const file = put("endless.c", '#include "/dev/ptmx"\nint main(void) { return 0; }\n');
    const ended = seen(await run(file, "--compile-timeout", "0.001", "--timeout", "60"));
    const said = "glovebox: timed out while compiling (limit 0.001 s; --compile-timeout raises it)\n";
    expect(ended).toEqual({ status: 124, stdout: "", stderr: said });
  });
});

// An ordinary user has no place that every sandbox can be shown: their home may be closed to others.
if (process.getuid?.() === 0) {
  test("a toolchain outside /usr comes first when its folder is named", async () => {
    const folder = mkdtempSync("/opt/glovebox-test-");
    try {
      mkdirSync(join(folder, "bin"));
      for (const name of ["lua5.4", "luac5.4"]) copyFileSync(`/usr/bin/${name}`, join(folder, "bin", name));
      chmodSync(folder, 0o755);
      const program = "local i = 0\nwhile arg[i - 1] do i = i - 1 end\nprint(arg[i])";
      const which = (...args: readonly string[]) => glovebox(["run", "--lang", "lua", "-c", program, ...args]);
      expect((await which()).stdout.toString()).toBe("/usr/bin/lua5.4\n");
      expect((await which("--toolchain", folder)).stdout.toString()).toBe(`${folder}/bin/lua5.4\n`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}

test("a file of no language is refused with the known ones", async () => {
  const file = join(scratch(), "program.xyz");
  writeFileSync(file, "1");
  const { status, stdout, stderr } = seen(await glovebox(["run", file]));
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toContain('glovebox: FILE: no language goes with the name "program.xyz": name one with --lang;');
  for (const { name, extensions } of manifests) expect(stderr).toContain(`${name} (${extensions.join(", ")})`);
});

describe("a toolchain that is missing", () => {
  const programs = ["/usr/bin/lua5.4", "/usr/bin/luac5.4"];
  const says = "Lua is not installed on this host (missing: lua5.4, luac5.4); run: ./glovebox setup lua";

  const without = (command: readonly string[], env: NodeJS.ProcessEnv = {}) =>
    endOf(
      startChild(withoutPrograms(programs, command), {
        stdio: ["ignore", "pipe", "pipe"],
        env: { ...waivers(), ...env },
      }),
    );
  const withoutLua = (...args: readonly string[]) => without([process.execPath, main, ...args]);

  test("is listed with the command that installs it", async () => {
    const { status, stdout } = await withoutLua("languages", "--json");
    expect(status).toBe(0);
    const { languages } = listSchema.parse(JSON.parse(stdout.toString()));
    expect(languages.find(({ name }) => name === "lua")).toMatchObject({
      version: null,
      available: false,
      install: "./glovebox setup lua",
    });
    expect(languages.filter(({ available }) => available).length).toBe(manifests.length - 1);
    expect((await withoutLua("languages")).stdout.toString()).toMatch(
      /^lua +- .* missing; run: .\/glovebox setup lua$/m,
    );
  });

  test("is a state of the host for the command line, 125, told with that command", async () => {
    const { status, stdout, stderr } = seen(await withoutLua("run", "--lang", "lua", "-c", "print(1)"));
    expect({ status, stdout }).toEqual({ status: 125, stdout: "" });
    expect(stderr.split("\n")[0]).toBe(`glovebox: ${says}`);
  });

  test("stops a server that should have it ready, and names the setting", async () => {
    const { status, stderr } = seen(await withoutLua("serve", "--port", "0", "--preload", "", "--language", "lua"));
    expect({ status, stderr }).toEqual({ status: 2, stderr: `glovebox: --language: ${says}\n` });
  });

  test("is named by the set-up that may not install, with the command that does", async () => {
    const env = { GLOVEBOX_NO_INSTALL: "1" };
    const { status, stdout, stderr } = seen(await without(["./glovebox", "setup", "lua"], env));
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain("glovebox: packages of languages are missing: lua5.4\n");
    expect(stderr).toContain("apt-get install --no-install-recommends lua5.4\n");
  });

  test("is installed by the set-up, which then says its version", async () => {
    // Stands in for the real one: what it is asked for is written down, and the programs are there afterwards.
    const calls = join(scratch(), "apt-calls");
    const folder = join(scratch(), "bin");
    mkdirSync(folder);
    const script = `#!/bin/sh\necho "$@" >>${calls}\numount ${programs.join(" ")}\n`;
    writeFileSync(join(folder, "apt-get"), script, { mode: 0o755 });
    const path = [folder, dirname(process.execPath), "/usr/bin", "/bin", "/usr/sbin"].join(":");
    const { status, stdout, stderr } = seen(await without(["./glovebox", "setup", "lua5.4"], { PATH: path }));
    expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
    expect(stderr).toContain("glovebox: installing system packages:\nglovebox:   lua5.4 (");
    expect(stderr).toMatch(/\nglovebox: Lua 5\.4\.\d+\nglovebox: ready\n$/);
    const [only, ...more] = readFileSync(calls, "utf8").trimEnd().split("\n");
    expect(only).toMatch(/install --no-install-recommends lua5\.4$/);
    expect(more).toEqual([]);
  });
});

describe("the set-up of languages", () => {
  const setup = (...args: readonly string[]) =>
    endOf(
      startChild(["./glovebox", "setup", ...args], {
        stdio: ["ignore", "pipe", "pipe"],
        env: { GLOVEBOX_NO_INSTALL: "1" },
      }),
    );

  test("says the version of each language that was named, by name or alias", async () => {
    const { status, stdout, stderr } = seen(await setup("lua5.4", "python", "lua"));
    expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
    expect(stderr).toMatch(/^glovebox: Lua 5\.4\.\d+\nglovebox: Python 3\.\d+\.\d+\nglovebox: ready\n$/);
  });

  test("refuses names that it does not know, with those that it does", async () => {
    const { status, stdout, stderr } = seen(await setup("lua", "lau", "pyhton"));
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(
      /^glovebox: .*there is no language 'lau', 'pyhton'; did you mean lua, python\? the known ones are /,
    );
    for (const { name } of manifests) expect(stderr).toMatch(new RegExp(`[ ,]${name}[,\n]`));
  });

  test("refuses an option that it does not have", async () => {
    const { status, stderr } = seen(await setup("--al"));
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: "glovebox: setup takes names of languages or --all, not '--al'\n",
    });
  });

  test("explains itself and does nothing else", async () => {
    const { status, stdout, stderr } = seen(await setup("--help"));
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/^Usage: \.\/glovebox setup \[LANGUAGE\.\.\. \| --all\]\n/);
  });
});
