import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { toyRuntime } from "../../test/support/toy-runtime.ts";
import { Toolchains } from "./toolchains.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "glovebox-toolchains-test-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function install(path: string): string {
  const place = join(folder, path);
  mkdirSync(join(place, ".."), { recursive: true });
  writeFileSync(place, "#!/bin/sh\n");
  chmodSync(place, 0o755);
  return place;
}

const runtime = toyRuntime({ tools: { toy: ["toy"] } });

describe("the toolchains of a host", () => {
  it("are found once: a program that would come first is not noticed while the one that was found is there", () => {
    const first = install("toy");
    const toolchains = new Toolchains([folder]);
    const found = toolchains.require(runtime);
    expect(found.tools).toEqual({ toy: first });
    install("bin/toy");
    expect(toolchains.require(runtime)).toBe(found);
  });

  it("are looked for again when a program of theirs is gone", () => {
    const first = install("toy");
    const toolchains = new Toolchains([folder]);
    toolchains.require(runtime);
    mkdirSync(join(folder, "bin"));
    renameSync(first, join(folder, "bin/toy"));
    expect(toolchains.require(runtime).tools).toEqual({ toy: join(folder, "bin/toy") });
  });

  it("stand for one state each: one that was installed again in its place is another, with another state", () => {
    const place = install("toy");
    const toolchains = new Toolchains([folder]);
    const first = toolchains.require(runtime);
    install("new");
    renameSync(join(folder, "new"), place);
    const second = toolchains.require(runtime);
    expect([second.tools, second.state === first.state]).toEqual([first.tools, false]);
    expect(toolchains.require(runtime)).toBe(second);
  });

  it("that are missing are refused each time, and taken as soon as they are there", () => {
    const toolchains = new Toolchains([folder]);
    for (let time = 0; time < 2; time++) {
      expect(() => toolchains.require(runtime)).toThrow("Toy is not installed on this host (missing: toy); run: ./");
    }
    const place = install("toy");
    expect(toolchains.require(runtime).tools).toEqual({ toy: place });
    rmSync(place);
    expect(() => toolchains.require(runtime)).toThrow("Toy is not installed on this host");
  });

  it("are looked for again when another folder is in the place of the operator's, or its link leads elsewhere", () => {
    install("one/bin/toy");
    install("two/toy");
    const [link, one, two] = ["link", "one", "two"].map((name) => join(folder, name));
    const lead = (target = "") => {
      rmSync(link ?? "", { force: true });
      symlinkSync(target, link ?? "");
    };
    lead(one);
    const toolchains = new Toolchains([link ?? ""]);
    expect(toolchains.require(runtime).tools).toEqual({ toy: join(folder, "one/bin/toy") });
    lead(two);
    expect(toolchains.require(runtime).tools).toEqual({ toy: join(folder, "two/toy") });
    install("new/toy");
    install("new/bin/toy");
    renameSync(two ?? "", join(folder, "old"));
    renameSync(join(folder, "new"), two ?? "");
    expect(toolchains.require(runtime).tools).toEqual({ toy: join(folder, "two/bin/toy") });
  });
});
