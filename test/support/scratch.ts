import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";

/** A folder for the tests of one file. */
export function scratchFolder(): () => string {
  let path = "";
  beforeAll(() => {
    path = mkdtempSync(join(tmpdir(), "glovebox-system-"));
  });
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  return () => path;
}
