// Depends on: identity.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { ExecutionSpec } from "../src/index.ts";
import { problemOf, sharedSandboxes, temporaryFolder } from "./support/sandboxes.ts";
import { staged } from "./support/staged.ts";

const MIB = 1024 * 1024;
const folder = temporaryFolder();
const sandboxes = sharedSandboxes();
const run = (spec: ExecutionSpec) => sandboxes().execute(spec).result;
const empty = (count: number, folders: string) =>
  Array.from({ length: count }, (_, index) => ({ name: `${folders}${index}`, content: "" }));

it("the files of a large tree of packages arrive, each in its place", async () => {
  const files = Array.from({ length: 3_000 }, (_, index) => ({
    name: `node_modules/p${index % 100}/${index}.js`,
    content: `${index}`,
  }));
  const code = `
import os
found = [os.path.join(path, name) for path, _, names in os.walk("node_modules") for name in names]
[len(found), all(open(path).read() + ".js" == os.path.basename(path) for path in found), len(uploaded_files)]`;
  const execution = await run({ code, files });
  expect([execution.value, execution.artifacts]).toEqual([[3_000, true, 3_000], []]);
});

it("folders in folders are made once each, and belong to the program", async () => {
  const code = `
import os
deepest = os.path.dirname(uploaded_files[0])
[deepest.count("/"), len(os.listdir(deepest)), os.stat("a").st_uid == os.getuid(), os.stat(deepest).st_uid == os.getuid()]`;
  const files = [...empty(1_000, "a/".repeat(500)), { name: "a/b/beside", content: "" }];
  const execution = await run({ code, files });
  expect(execution.value).toEqual([499, 1_000, true, true]);
});

it("more files than the disk has room for are refused by the limit, and nothing is staged", async () => {
  const limits = { diskBytes: 4 * MIB }; // 1,024 inodes
  const counted = "sum(len(files) for _, _, files in __import__('os').walk('.'))";
  expect((await run({ code: counted, files: empty(1_007, "d/"), limits })).value).toBe(1_007);
  const problem = await problemOf(run({ code: "1", files: empty(1_008, "d/"), limits }));
  expect(problem.errors).toEqual([
    {
      field: "limits.diskBytes",
      message: "4194304 bytes hold 1008 files and folders, and the input files and their folders are more",
    },
  ]);
  expect(staged()).toEqual([]);
});

it("files that are together larger than the disk are refused with what they need", async () => {
  const path = join(folder(), "large");
  writeFileSync(path, Buffer.alloc(1_000_000));
  const files = Array.from({ length: 5 }, (_, index) => ({ name: `${index}`, path }));
  expect((await problemOf(run({ code: "1", files, limits: { diskBytes: 4 * MIB } }))).message).toBe(
    "limits.diskBytes: 4194304 bytes do not hold the input files, which need 5017600",
  );
});
