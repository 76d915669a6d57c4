import { knownLanguages, resolveRuntime } from "@glovebox/sandbox";
import { readConfig } from "@glovebox/server/config";
import { createFakePrograms } from "@glovebox/server/testing";
import { expect, test } from "vitest";
import { targetSuite } from "../../test/support/target-suite.ts";
import { localTarget } from "./local-target.ts";
import { CancelledEarly } from "./target.ts";

targetSuite("sandboxes of this process", async (program) => {
  const programs = createFakePrograms(program);
  return { target: localTarget(readConfig({}), async () => programs), programs };
});

test.each(knownLanguages())("a file with an extension of %s is in that language", async (name) => {
  const programs = createFakePrograms(function* () {});
  const target = localTarget(readConfig({}), async () => programs);
  const { extensions } = resolveRuntime(name, undefined).runtime;
  for (const extension of extensions) {
    const entry = `a.b${extension}`;
    await target.run({ entry, files: [{ name: entry, content: "x" }] }, {}).end;
  }
  await target.close();
  expect(programs.calls.map(({ program }) => program.language)).toEqual(extensions.map(() => name));
});

test.each([
  ["ruby", "ruby"],
  ["sh", "bash"],
  ["python3", "python"],
  ["node", "javascript"],
  ["nodejs", "javascript"],
  ["perl", "perl"],
  ["lua5.4", "lua"],
  ["Rscript", "r"],
])("the interpreter %s runs %s here", async (program, language) => {
  expect(await localTarget(readConfig({})).languageOfInterpreter(program)).toMatchObject({ language });
});

test("sandboxes that are still being made for a run that was given up are closed with the target", async () => {
  const programs = createFakePrograms(function* () {});
  let makes = () => {};
  const asked = new Promise<void>((resolve) => {
    makes = resolve;
  });
  let made = () => {};
  const opened = new Promise<void>((resolve) => {
    made = resolve;
  });
  const target = localTarget(readConfig({}), async () => {
    makes();
    await opened;
    return programs;
  });
  const run = target.run({ code: "1" }, {});
  await asked;
  run.cancel();
  await expect(run.end).rejects.toBeInstanceOf(CancelledEarly);
  const closing = target.close();
  made();
  await closing;
  expect([programs.closed, programs.calls]).toEqual([true, []]);
});
