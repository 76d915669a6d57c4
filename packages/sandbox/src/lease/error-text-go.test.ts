import { describe, expect, it } from "vitest";
import { lines, noSource } from "../../test/support/error-patterns.ts";
import { runtimes } from "../languages/registry.ts";
import { readError } from "./error-text.ts";

const patterns = runtimes().find(({ name }) => name === "go")?.errors.compile ?? [];
const read = (...text: string[]) => readError(patterns, lines(...text, ""), "first", noSource);

describe("what is read of the go command's messages", () => {
  it.each([
    ["package command-line-arguments is not a main package", "package command-line-arguments is not a main package"],
    ["go: inconsistent vendoring in /workspace:", "inconsistent vendoring in /workspace:"],
    ["go: go.mod file not found in current directory", "go.mod file not found in current directory"],
  ])("has the text of '%s', which has no line", (text, message) => {
    expect(read(text)).toMatchObject({ type: "CompileError", message, frames: [], line: null });
  });

  it("has what an import leads to", () => {
    const reason = "build constraints exclude all Go files in /workspace/native";
    expect(read("package example.com/app", `\timports example.com/app/native: ${reason}`)).toMatchObject({
      type: "CompileError",
      message: reason,
    });
  });

  it("has what the linker misses", () => {
    const message = "function main is undeclared in the main package";
    expect(read("# command-line-arguments", `runtime.main_main·f: ${message}`)).toMatchObject({
      type: "LinkError",
      message,
    });
    expect(read("# app", "main.main: relocation target main.f not defined")).toMatchObject({
      type: "LinkError",
      message: "main.main: relocation target main.f not defined",
    });
  });

  it("has the place rather than what comes before it", () => {
    const place = { message: "unknown directive: nonsense", line: 3, frames: [{ file: "go.mod" }] };
    expect(read("go: errors parsing go.mod:", "/workspace/go.mod:3: unknown directive: nonsense")).toMatchObject(place);
    expect(read("go: finding module for package x", "program.txt:3:2: undefined: x")).toMatchObject({
      message: "undefined: x",
      frames: [{ file: "program.txt", line: 3 }],
    });
  });

  it("has no warning", () => {
    expect(read("go: warning: ignoring symlink /workspace/a", "go: downloading example.com/a v1.0.0")).toBeNull();
  });
});
