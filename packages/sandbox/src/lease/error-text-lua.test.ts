import { describe, expect, it } from "vitest";
import { lines, programFiles } from "../../test/support/error-patterns.ts";
import { runtimes } from "../languages/registry.ts";
import { readError } from "./error-text.ts";

const patterns = runtimes().find(({ name }) => name === "lua")?.errors.run ?? [];
const sources = programFiles({
  "main.lua": 'local u = require "lib.u"\nu.f(nil)',
  "lib/u.lua": "local M = {}\nfunction M.f(x) return x * 2 end\nreturn M",
});
const read = (...text: string[]) => readError(patterns, lines(...text, ""), "last", sources);

describe("what is read of Lua's errors", () => {
  it("has the frames of all files of the program", () => {
    const error = read(
      "/usr/bin/lua5.4: ./lib/u.lua:2: attempt to perform arithmetic on a nil value (local 'x')",
      "stack traceback:",
      "\t./lib/u.lua:2: in function 'lib.u.f'",
      "\t/workspace/main.lua:2: in main chunk",
      "\t[C]: in ?",
    );
    expect(error).toMatchObject({
      type: "error",
      message: "attempt to perform arithmetic on a nil value (local 'x')",
      line: 2,
      frames: [
        { file: "main.lua", line: 2, function: "main chunk", source: "u.f(nil)" },
        { file: "lib/u.lua", line: 2, function: "lib.u.f", source: "function M.f(x) return x * 2 end" },
      ],
    });
  });

  it("has the line of an error without a place from the innermost frame", () => {
    const error = read(
      "/usr/bin/lua5.4: attempt to index a nil value",
      "stack traceback:",
      "\t[C]: in for iterator 'for iterator'",
      "\t./lib/u.lua:3: in function 'lib.u.f'",
      "\t/workspace/main.lua:2: in main chunk",
    );
    expect(error).toMatchObject({ line: 3, frames: [{ file: "main.lua" }, { file: "lib/u.lua", line: 3 }] });
  });

  it("has the place of a mistake in a file that another one loads", () => {
    const mistake = "./lib/u.lua:2: '}' expected near 'b'";
    const end = ["stack traceback:", "\t[C]: in ?", "\t/workspace/main.lua:1: in main chunk"];
    const module = read(
      `/usr/bin/lua5.4: error loading module 'lib.u' from file './lib/u.lua':`,
      `\t${mistake}`,
      ...end,
    );
    const file = read(
      `/usr/bin/lua5.4: ${mistake}`,
      "stack traceback:",
      "\t[C]: in function 'dofile'",
      ...end.slice(2),
    );
    for (const error of [module, file]) {
      expect(error).toMatchObject({
        type: "syntax error",
        message: "'}' expected near 'b'",
        line: 2,
        frames: [{ file: "lib/u.lua", line: 2, source: "function M.f(x) return x * 2 end" }],
      });
    }
  });

  it("has the text of an error object, and no error in what another program printed before", () => {
    expect(read("/usr/bin/lua5.4: my err", "of two lines")).toMatchObject({
      type: "error",
      message: "my err\nof two lines",
      line: null,
    });

    expect(read("using lua: fine")).toBeNull();
  });
});
