import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";
import { runnersFolder } from "../runners-folder.ts";
import { nurseryArchive } from "./archive.ts";

const folder = mkdtempSync(join(tmpdir(), "glovebox-unit-"));
afterAll(() => rmSync(folder, { recursive: true }));
const [runners, built, own] = [join(folder, "runners"), join(folder, "built.zip"), join(folder, "own.zip")];
const long = new Date(2020, 0, 1);

/** Gives all sources and their folders a time that is over. */
function age(): void {
  spawnSync("find", [runners, "-exec", "touch", "--date=2020-01-01", "{}", "+"]);
}

beforeEach(() => {
  for (const path of [runners, built, own]) rmSync(path, { recursive: true, force: true });
  for (const name of ["nursery", "warden", "python"]) {
    cpSync(join(runnersFolder, name), join(runners, name), { recursive: true });
  }
  age();
});

/** What Python says when it imports a module from an archive: its file, and that of its code. */
function imported(archive: string, module: string): string[] {
  const code =
    "import sys, importlib; sys.path.insert(0, sys.argv[1]); m = importlib.import_module(sys.argv[2]); print(m.__file__); print(m.encode.__code__.co_filename)";
  const { stdout, stderr } = spawnSync("/usr/bin/python3", ["-I", "-S", "-B", "-c", code, archive, module], {
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  return stdout.trim().split("\n");
}

test("the built archive is used while it is newer than all sources", () => {
  writeFileSync(built, "zip");
  expect(nurseryArchive(own, "/place.zip", built, runners)).toBe(built);
});

test.each(["warden/frames.py", "python"])("an own one is made once when %s is newer than the built one", (changed) => {
  writeFileSync(built, "zip");
  utimesSync(built, long, new Date(2021, 0, 1));
  utimesSync(join(runners, changed), long, new Date(2022, 0, 1));
  expect(nurseryArchive(own, "/place.zip", built, runners)).toBe(own);
  const { ino } = statSync(own);
  expect(nurseryArchive(own, "/place.zip", built, runners)).toBe(own);
  expect(statSync(own).ino).toBe(ino);
});

test("modules come compiled, named by the place where the nursery sees them", () => {
  nurseryArchive(own, "/place.zip", built, runners);
  expect(imported(own, "warden.frames")).toEqual([`${own}/warden/frames.pyc`, "/place.zip/warden/frames.py"]);
});

test("another Python takes the sources", () => {
  nurseryArchive(own, "/place.zip", built, runners);
  // The magic number of a version is the first of a compiled file; the same length keeps the archive whole.
  const magic = spawnSync("/usr/bin/python3", ["-I", "-c", "import importlib.util as u; print(u.MAGIC_NUMBER.hex())"], {
    encoding: "utf8",
  }).stdout.trim();
  const archive = readFileSync(own)
    .toString("latin1")
    .replaceAll(Buffer.from(magic, "hex").toString("latin1"), "\0\0\r\n");
  writeFileSync(own, Buffer.from(archive, "latin1"));
  expect(imported(own, "warden.frames")[0]).toBe(`${own}/warden/frames.py`);
});

test("what runs on the host and tests are not in it", () => {
  nurseryArchive(own, "/place.zip", built, runners);
  const list = spawnSync("/usr/bin/python3", ["-I", "-m", "zipfile", "-l", own], { encoding: "utf8" }).stdout;
  expect(list).toContain("nursery/main.pyc");
  expect(list).not.toMatch(/launch|archive|test/);
});
