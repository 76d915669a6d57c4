import { PassThrough } from "node:stream";
import { type Language, ProblemError } from "@glovebox/protocol";
import { expect, test } from "vitest";
import { languages } from "./languages.ts";

const found: readonly Language[] = [
  {
    name: "cpp",
    title: "C++",
    aliases: ["c++", "cxx"],
    extensions: [".cpp", ".cc"],
    version: "12.2.0",
    available: true,
    install: null,
  },
  {
    name: "lua",
    title: "Lua",
    aliases: [],
    extensions: [".lua"],
    version: null,
    available: false,
    install: "./glovebox setup lua",
  },
];

test("each language is a line, with its state or the command that installs it", async () => {
  const stdout = new PassThrough();
  expect(await languages({ toolchain: [] }, async () => found, stdout)).toBe(0);
  expect(String(stdout.read())).toBe(
    [
      "NAME  VERSION  EXTENSIONS  ALIASES  STATE",
      "cpp   12.2.0   .cpp .cc    c++ cxx  available",
      "lua   -        .lua                 missing; run: ./glovebox setup lua",
      "",
    ].join("\n"),
  );
});

test("--json prints what HTTP answers, and --toolchain says where to look", async () => {
  const stdout = new PassThrough();
  const asked: unknown[] = [];
  const list = async (toolchains: readonly string[]) => {
    asked.push(toolchains);
    return found;
  };
  expect(await languages({ json: true, toolchain: ["/opt/a", "/opt/b"] }, list, stdout)).toBe(0);
  const text = String(stdout.read());
  expect(JSON.parse(text)).toEqual({ languages: found });
  expect(text.indexOf("\n")).toBe(text.length - 1);
  expect(asked).toEqual([["/opt/a", "/opt/b"]]);
});

test("a folder that cannot be shown is refused in the words of the command line", async () => {
  const refuse = async () => {
    const errors = [{ field: "toolchains[0]", message: "/etc may not be shown" }];
    throw new ProblemError("invalid-configuration", "toolchains[0]: /etc may not be shown", { errors });
  };
  await expect(languages({ toolchain: ["/etc"] }, refuse, new PassThrough())).rejects.toMatchObject({
    code: "invalid-configuration",
    message: "--toolchain: /etc may not be shown",
  });
});
