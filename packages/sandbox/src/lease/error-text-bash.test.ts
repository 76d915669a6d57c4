import { describe, expect, it } from "vitest";
import { lines, noSource } from "../../test/support/error-patterns.ts";
import { runtimes } from "../languages/registry.ts";
import { readError } from "./error-text.ts";

const patterns = runtimes().find(({ name }) => name === "bash")?.errors.run ?? [];
const read = (...text: string[]) => readError(patterns, lines(...text, ""), "last", noSource);

describe("what is read of Bash's messages", () => {
  it("is the last one that names a line of the program, in whatever way it names the file", () => {
    const error = read(
      "/workspace/main.sh: line 1: cd: /none: No such file",
      "lib.sh: line 3: nosuch: command not found",
    );
    expect(error).toMatchObject({
      type: "BashError",
      message: "nosuch: command not found",
      line: 3,
      frames: [{ file: "lib.sh", line: 3, function: "", source: null }],
    });
    expect(read("./lib/all tools: line 4: x: unbound variable")?.frames).toMatchObject([
      { file: "lib/all tools", line: 4 },
    ]);
    expect(read("/workspace/a b.sh: line 4: x: unbound variable")?.frames).toMatchObject([{ file: "a b.sh" }]);
  });

  it("is the first syntax error, because other messages follow from it", () => {
    const error = read(
      "/workspace/main.sh: line 1: cd: /none: No such file",
      "./lib.sh: line 4: syntax error near unexpected token `}'",
      "./lib.sh: line 4: `}'",
      "/workspace/main.sh: line 2: helper: command not found",
    );
    expect(error).toMatchObject({
      type: "SyntaxError",
      message: "syntax error near unexpected token `}'",
      line: 4,
      frames: [{ file: "lib.sh", line: 4 }],
    });
    const open = "/workspace/main.sh: line 9: unexpected EOF while looking for matching `\"'";
    expect(read(open)).toMatchObject({ type: "SyntaxError", line: 9 });
    expect(read(open, "/workspace/main.sh: line 12: syntax error: unexpected end of file")?.line).toBe(9);
  });

  it("is nothing that others print, and no warning", () => {
    expect(read("oops: line 7: fake error")).toBeNull();
    expect(read("bash: line 1: nosuch: command not found")).toBeNull();
    expect(read("/usr/bin/tool.sh: line 3: broken")).toBeNull();
    expect(read("/workspace/main.sh: line 2: warning: setlocale: LC_ALL: cannot change locale")).toBeNull();
  });
});
