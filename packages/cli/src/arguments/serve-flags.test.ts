import { readConfig, settingNames } from "@glovebox/server/config";
import { expect, test } from "vitest";
import { settingFlags } from "./serve-flags.ts";
import { limitKinds, listOptions, serveCommand, serveOptions } from "./serve-options.ts";

/** What `serve` with these arguments sets. */
async function flagsOf(argv: readonly string[]): Promise<ReturnType<typeof settingFlags>> {
  let flags = {};
  await serveCommand(async (given) => {
    flags = settingFlags(given);
  }).parseAsync(argv, { from: "user" });
  return flags;
}

test("every setting has an option", () => {
  const named = new Set<string>([
    ...[...serveOptions, ...listOptions].map(({ setting }) => setting),
    ...limitKinds.map(({ kind }) => kind),
  ]);
  expect(settingNames.map((name) => name.split(".", 1)[0]).filter((name) => !named.has(name ?? ""))).toEqual([]);
});

test("options become settings, and problems name the option", async () => {
  const argv = ["--pool-min", "3", "--preload", "", "--default", "timeoutMs=500", "--ceiling", "timeoutMs=400"];
  const flags = await flagsOf(argv);
  expect(flags).toEqual({
    poolMin: { option: "--pool-min", text: "3" },
    preload: { option: "--preload", text: "" },
    "default.timeoutMs": { option: "--default timeoutMs", text: "500" },
    "ceiling.timeoutMs": { option: "--ceiling timeoutMs", text: "400" },
  });
  expect(() => readConfig({}, flags)).toThrow("--default timeoutMs: must not exceed --ceiling timeoutMs");
});

test("a repeated option is one list, and a broken entry names the option", async () => {
  const argv = ["--language", "go", "--toolchain", "/opt/go", "--language", "rust,c", "--toolchain", "x"];
  const flags = await flagsOf(argv);
  expect(flags).toEqual({
    languages: { option: "--language", text: "go,rust,c" },
    toolchains: { option: "--toolchain", text: "/opt/go,x" },
  });
  expect(() => readConfig({}, flags)).toThrow('--toolchain: must be an absolute path, not "x"');
});

test("a limit that does not exist is refused", () => {
  expect(() => settingFlags({ default: ["speed=1"] })).toThrow('--default: there is no limit "speed"');
});
