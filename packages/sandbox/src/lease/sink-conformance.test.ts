import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ArtifactSink } from "@glovebox/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MemorySink } from "../../test/support/memory-sink.ts";
import { sha256 } from "../../test/support/sha256.ts";
import { folderSink } from "./folder-sink.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "glovebox-sink-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Opened {
  readonly sink: ArtifactSink;
  /** The content of a complete file. */
  contentOf(path: string): string | undefined;
}

const sinks: readonly [string, () => Opened][] = [
  [
    "a folder",
    () => ({
      sink: folderSink(join(folder, "out")),
      contentOf: (path) => readFileSync(join(folder, "out", path), "utf8"),
    }),
  ],
  [
    "memory",
    () => {
      const sink = new MemorySink();
      return { sink, contentOf: (path) => sink.files.get(path) };
    },
  ],
];

async function put(sink: ArtifactSink, path: string, ...pieces: readonly string[]): Promise<void> {
  const content = pieces.join("");
  expect(sink.begin(path, content.length)).toBe(true);
  for (const piece of pieces) {
    const chunk = Buffer.from(piece);
    await sink.write(chunk);
    chunk.fill("!"); // a piece is valid during the call alone
  }
  await sink.end({ path, size: content.length, sha256: sha256(content) });
}

describe.each(sinks)("a sink that is %s", (_, open) => {
  it("has files in their order, whole, in folders, empty ones too", async () => {
    const { sink, contentOf } = open();
    await put(sink, "a", "one ", "two");
    await put(sink, "deep/in/b", "three");
    await put(sink, "deep/empty");
    await sink.close();
    expect(["a", "deep/in/b", "deep/empty"].map(contentOf)).toEqual(["one two", "three", ""]);
  });

  it("has the later one of two files of a name", async () => {
    const { sink, contentOf } = open();
    await put(sink, "a", "longer text");
    await put(sink, "a", "short");
    await sink.close();
    expect(contentOf("a")).toBe("short");
  });

  it("may be closed, or given another file, while one is there in part", async () => {
    const { sink, contentOf } = open();
    sink.begin("part", 2);
    await sink.write(Buffer.from("1"));
    await put(sink, "a", "whole");
    sink.begin("other", 2);
    await sink.close();
    expect(contentOf("a")).toBe("whole");
  });
});

describe("a folder of the host", () => {
  const out = () => join(folder, "out");

  it("is left by no link, and what is there of another kind stays", () => {
    mkdirSync(out());
    mkdirSync(join(folder, "elsewhere"));
    writeFileSync(join(folder, "target"), "mine");
    symlinkSync(join(folder, "elsewhere"), join(out(), "link"));
    symlinkSync(join(folder, "target"), join(out(), "file"));
    symlinkSync(join(folder, "made-by-link"), join(out(), "dangling"));
    mkdirSync(join(out(), "folder"));
    const sink = folderSink(out());
    for (const path of ["link/a", "file", "dangling", "folder", "file/a"])
      expect(() => sink.begin(path, 1), path).toThrow(/EEXIST/);
    expect(readdirSync(join(folder, "elsewhere"))).toEqual([]);
    expect(readdirSync(folder).sort()).toEqual(["elsewhere", "out", "target"]);
    expect(readFileSync(join(folder, "target"), "utf8")).toBe("mine");
  });

  it("has a new file in the place of one that has another name by a hard link", async () => {
    mkdirSync(out());
    writeFileSync(join(folder, "target"), "mine");
    linkSync(join(folder, "target"), join(out(), "a"));
    const sink = folderSink(out());
    await put(sink, "a", "theirs");
    expect([readFileSync(join(out(), "a"), "utf8"), readFileSync(join(folder, "target"), "utf8")]).toEqual([
      "theirs",
      "mine",
    ]);
  });

  it("that cannot be made throws what the system says", () => {
    writeFileSync(join(folder, "file"), "");
    expect(() => folderSink(join(folder, "file/out"))).toThrow(/ENOTDIR|EEXIST/);
  });
});
