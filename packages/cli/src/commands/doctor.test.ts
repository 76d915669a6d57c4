import { PassThrough } from "node:stream";
import { ProblemError } from "@glovebox/protocol";
import type { Diagnosis } from "@glovebox/sandbox";
import { expect, test } from "vitest";
import { doctor } from "./doctor.ts";

const diagnosis: Diagnosis = {
  usable: false,
  checks: [
    { id: "bubblewrap", title: "bubblewrap", status: "missing", found: "no bwrap", cost: "no sandbox", fix: "mend it" },
    { id: "cgroups", title: "control groups", status: "ok", found: "v2", cost: "", fix: null },
  ],
};

async function examined(flags: { json?: true }, found: Diagnosis) {
  const stdout = new PassThrough();
  const status = await doctor({ waive: [], ...flags }, async () => found, stdout);
  return { status, text: String(stdout.read()) };
}

test("each check is a line, with its cost and what mends it", async () => {
  const { status, text } = await examined({}, diagnosis);
  expect(status).toBe(1);
  expect(text).toBe(
    [
      "missing   bubblewrap      no bwrap",
      "          cost: no sandbox",
      "          fix:  mend it",
      "ok        control groups  v2",
      "",
      "No sandbox can be made on this host.",
      "",
    ].join("\n"),
  );
});

test("--json prints the diagnosis itself", async () => {
  const { status, text } = await examined({ json: true }, { ...diagnosis, usable: true });
  expect(status).toBe(0);
  expect(JSON.parse(text)).toEqual({ ...diagnosis, usable: true });
});

test("a feature that does not exist cannot be waived", async () => {
  const stdout = new PassThrough();
  await expect(doctor({ waive: ["walls"] }, async () => diagnosis, stdout)).rejects.toMatchObject({
    code: "invalid-configuration",
  });
});

test("a folder that cannot be a toolchain is named by its variable", async () => {
  const refuse = async () => {
    const errors = [{ field: "toolchains[0]", message: "/etc may not be shown" }];
    throw new ProblemError("invalid-configuration", "toolchains[0]: /etc may not be shown", { errors });
  };
  await expect(doctor({ waive: [] }, refuse, new PassThrough())).rejects.toMatchObject({
    message: "GLOVEBOX_TOOLCHAINS: /etc may not be shown",
  });
});
