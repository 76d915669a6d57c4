import { describe, expect, it } from "vitest";
import { npmPart } from "./npm-part.ts";

describe("what a manifest takes of an npm package", () => {
  it("is all of it by its name, with or without a scope", () => {
    expect(npmPart("zod")).toEqual({ name: "zod", file: undefined });
    expect(npmPart("@swc/wasm")).toEqual({ name: "@swc/wasm", file: undefined });
  });

  it("is one file by a path behind the name", () => {
    expect(npmPart("zod/lib/index.js")).toEqual({ name: "zod", file: "lib/index.js" });
    expect(npmPart("@swc/wasm/wasm.js")).toEqual({ name: "@swc/wasm", file: "wasm.js" });
  });
});
