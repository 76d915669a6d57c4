import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { createInstanceFolder } from "./instance-folder.ts";

const root = mkdtempSync(join(tmpdir(), "glovebox-unit-"));
afterEach(() => rmSync(root, { recursive: true }));

test("the runners of a language are copied when it is used, without their tests and what tests share", () => {
  const plan = { mode: "single", base: 0, gidBase: 0, count: 1, programIds: [1000] } as const;
  const { runners, addRunners } = createInstanceFolder("instance", root, plan);
  expect(readdirSync(runners)).toEqual([]);
  for (const name of ["python", "javascript", "python"]) addRunners(name);
  expect(readdirSync(runners).sort()).toEqual(["javascript", "python"]);
  expect(existsSync(join(runners, "python/runner.py"))).toBe(true);
  const copied = readdirSync(runners, { recursive: true, encoding: "utf8" });
  expect(copied.filter((path) => /(^|\/)(test|testing|__pycache__|node_modules)(\/|$)/.test(path))).toEqual([]);
});
