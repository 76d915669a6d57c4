import { describe, expect, it } from "vitest";
import { lines, noSource } from "../../test/support/error-patterns.ts";
import { runtimes } from "../languages/registry.ts";
import { readError } from "./error-text.ts";

const linkErrors = ["c", "cpp"].map((language) => {
  const patterns = runtimes().find(({ name }) => name === language)?.errors.compile ?? [];
  return (...text: string[]) => readError(patterns, lines(...text, ""), "first", noSource);
});

describe.each(linkErrors)("what is read of the linker's messages (%#)", (read) => {
  it("has both sources of what is there twice", () => {
    const message = "multiple definition of `main'; a.c:(.text.startup+0x0): first defined here";
    expect(read("/usr/bin/ld: b.c: in function `main':", `b.c:(.text.startup+0x0): ${message}`)).toMatchObject({
      type: "LinkError",
      message,
    });
  });

  it("is found where no function is named", () => {
    for (const linker of ["/usr/bin/ld", "/usr/bin/ld.bfd", "/usr/bin/x86_64-linux-gnu-ld"]) {
      expect(read(`${linker}: src/f.c:(.data.rel+0x0): undefined reference to \`missing'`)).toMatchObject({
        type: "LinkError",
        message: "undefined reference to `missing'",
      });
    }
    expect(read("(.text+0x17): undefined reference to `main'")).toMatchObject({ type: "LinkError" });
  });
});
