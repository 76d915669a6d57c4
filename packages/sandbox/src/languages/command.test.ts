import type { Runtime } from "@glovebox/protocol";
import { describe, expect, it } from "vitest";
import { fill, fixedPlaceholders } from "./command.ts";
import { runtimes } from "./registry.ts";

const values = { tool: "/usr/bin/tool", entry: "/workspace/main.x", runner: "/opt/glovebox/x" };

describe("a command of a manifest", () => {
  it("gets its placeholders, as an argument of their own or in the middle of one, and more than once", () => {
    expect(fill(["{tool}", "-I{runner}", "--map={entry}:{entry}", "plain"], values)).toEqual([
      "/usr/bin/tool",
      "-I/opt/glovebox/x",
      "--map=/workspace/main.x:/workspace/main.x",
      "plain",
    ]);
  });

  it("gets the program's arguments in the place of {args}, each as it is", () => {
    const args = ["", " a b ", "it's", '"', "line\nbreak", "{entry}", "$(id)", "é€", "--", "-x"];
    expect(fill(["{tool}", "{entry}", "{args}", "last"], values, { args })).toEqual([
      "/usr/bin/tool",
      "/workspace/main.x",
      ...args,
      "last",
    ]);
  });

  it("gets the compiler's options in the place of {options}, each as it is", () => {
    const options = ["-DX=a b", "-DY={entry}$(id)", "{args}"];
    expect(fill(["{tool}", "{options}", "{args}"], values, { options, args: ["{options}"] })).toEqual([
      "/usr/bin/tool",
      ...options,
      "{options}",
    ]);
  });

  it("has nothing in the place of {args} and {options} when there are none", () => {
    expect(fill(["{tool}", "{args}", "{options}"], values)).toEqual(["/usr/bin/tool"]);
  });

  it("keeps {args} that is only a part of an argument, and braces that are no placeholder", () => {
    const command = ["--all={args}", "{unknown}", "{}", "{Tool}", "${tool", "{ tool }", "{a-b}"];
    expect(fill(command, values, { args: ["x"] })).toEqual(command);
  });

  it("does not look for placeholders in what it filled in, nor for patterns of a replacement", () => {
    expect(fill(["{entry}"], { entry: "/workspace/{tool}/$&$1$$", tool: "x" })).toEqual(["/workspace/{tool}/$&$1$$"]);
  });

  it("does not take for a value what every object has", () => {
    expect(fill(["{constructor}"], values)).toEqual(["{constructor}"]);
  });

  it("knows the folders that every sandbox of a language sees", () => {
    expect(fixedPlaceholders("lua", { lua: "/usr/bin/lua5.4" })).toEqual({
      lua: "/usr/bin/lua5.4",
      runner: "/opt/glovebox/lua",
      warm: "/glovebox-warm",
      product: "/glovebox/product",
    });
  });
});

describe("the commands of every manifest here", () => {
  const everywhere = ["runner", "warm"];
  const commands = (runtime: Runtime): [string, readonly string[], readonly string[]][] => [
    ["version", runtime.version.command, []],
    ["park", runtime.park ?? [], everywhere],
    ["run", runtime.run ?? [], [...everywhere, "entry", "args", "product"]],
    ["compile", runtime.compile?.command ?? [], [...everywhere, "entry", "product", "options"]],
    ["check", runtime.check ?? [], [...everywhere, "entry", "product"]],
    ["warm", runtime.warm?.command ?? [], ["runner", "product"]],
  ];

  it.each(runtimes().map((runtime) => [runtime.name, runtime] as const))(
    "of %s have no placeholder that nobody fills",
    (_, runtime) => {
      for (const [which, command, known] of commands(runtime)) {
        const used = command.flatMap((part) =>
          [...part.matchAll(/\{([a-z][a-z0-9]*)\}/g)].map((match) => match[1] ?? ""),
        );
        const unknown = used.filter((name) => !known.includes(name) && !(name in runtime.tools));
        expect([which, unknown]).toEqual([which, []]);
      }
    },
  );

  it.each(runtimes().map((runtime) => [runtime.name, runtime] as const))(
    "of %s start by an absolute path",
    (_, runtime) => {
      for (const [which, command] of commands(runtime)) {
        if (command.length > 0) expect([which, command[0]]).toEqual([which, expect.stringMatching(/^(\/|\{)/)]);
      }
    },
  );
});
