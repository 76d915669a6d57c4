import { readdirSync } from "node:fs";
import { defineConfig } from "vitest/config";
import { filesWithoutTests } from "./packages/sandbox/test/escape/repeated.ts";
import { dependenciesOfFile, isRepeated, repeated } from "./packages/sandbox/test/support/dependency.ts";
import { lanes, loudFiles } from "./scripts/test/lanes.ts";
import { LongFilesFirst } from "./scripts/test/long-files-first.ts";

/** Factor for time limits in tests, for machines slower than a developer's (software emulation: 15). */
const slowness = Number(process.env.GLOVEBOX_TEST_SLOWNESS ?? "1");
if (!(slowness > 0)) throw new Error("GLOVEBOX_TEST_SLOWNESS must be a number above 0");

/** The lane of this run (see scripts/test/lanes.ts); without one all files run, one at a time. */
const asked = process.env.GLOVEBOX_TEST_LANE;
const lane = lanes.find((name) => name === asked);
if (asked !== undefined && lane === undefined) throw new Error(`GLOVEBOX_TEST_LANE must be one of ${lanes.join(", ")}`);

// Workspace packages resolve to their sources: no test depends on a build. The others are Vite's defaults.
const conditions = ["source", "module", "node", "development|production"];

/** Python is the language of all smoke: whatever a run repeats, it shows that programs run. */
const smokeFile = "python.test.ts";

/** Files of the sandbox's tests that this run does not repeat. */
function notRepeated(): string[] {
  const folder = "packages/sandbox/test";
  const names = readdirSync(`${import.meta.dirname}/${folder}`).filter((name) => name.endsWith(".test.ts"));
  const left = names.filter((name) => {
    const dependsOn = dependenciesOfFile(`${import.meta.dirname}/${folder}/${name}`) ?? [];
    return !isRepeated(dependsOn) && name !== smokeFile;
  });
  return [...left.map((name) => `${folder}/${name}`), ...filesWithoutTests().map((name) => `${folder}/escape/${name}`)];
}

const exclude = [...notRepeated(), ...(lane === "facts" ? loudFiles : [])];

/** The tests with real sandboxes that are in a folder. */
function onRealSandboxes(name: string, folder: string, apart: readonly string[] = []) {
  const loud = loudFiles.filter((file) => file.startsWith(`${folder}/`));
  return {
    extends: true as const,
    test: {
      name,
      include: lane === "loud" ? loud : [`${folder}/**/*.test.ts`],
      exclude: [...apart, ...exclude],
      testTimeout: 30_000 * slowness,
      hookTimeout: 60_000 * slowness,
      maxWorkers: lane === "facts" ? 2 : 1,
    },
  };
}

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    // Nothing is written into the checkout: tests also run as a user who cannot.
    cache: false,
    sequence: { sequencer: LongFilesFirst },
    // A file that a repetition runs may have a group of tests of which it declares none.
    passWithNoTests: repeated !== undefined,
    projects: [
      {
        extends: true,
        test: { name: "unit", include: ["packages/**/src/**/*.test.ts"], testTimeout: 5_000 * slowness },
      },
      onRealSandboxes("sandbox", "packages/sandbox/test", ["packages/sandbox/test/escape/**"]),
      onRealSandboxes("escape", "packages/sandbox/test/escape"),
      onRealSandboxes("system", "test"),
    ],
  },
});
