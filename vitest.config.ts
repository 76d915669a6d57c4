import { defineConfig } from "vitest/config";

/** Factor for time limits in tests, for machines slower than a developer's (software emulation: 15). */
const slowness = Number(process.env.GLOVEBOX_TEST_SLOWNESS ?? "1");
if (!(slowness > 0)) throw new Error("GLOVEBOX_TEST_SLOWNESS must be a number above 0");

// Workspace packages resolve to their sources: no test depends on a build. The others are Vite's defaults.
const conditions = ["source", "module", "node", "development|production"];

/** Files that this run leaves out, with a comma between them. */
const without = (process.env.GLOVEBOX_TEST_WITHOUT ?? "").split(",").filter((file) => file !== "");

/** Tests with real sandboxes, one file at a time: they measure and fill the machine. */
const onRealSandboxes = { fileParallelism: false, testTimeout: 30_000 * slowness, hookTimeout: 60_000 * slowness };

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    // Nothing is written into the checkout: tests also run as a user who cannot.
    cache: false,
    projects: [
      {
        extends: true,
        test: { name: "unit", include: ["packages/**/src/**/*.test.ts"], testTimeout: 5_000 * slowness },
      },
      {
        extends: true,
        test: {
          name: "sandbox",
          include: ["packages/sandbox/test/**/*.test.ts"],
          exclude: ["packages/sandbox/test/escape/**", ...without],
          ...onRealSandboxes,
        },
      },
      {
        extends: true,
        test: { name: "escape", include: ["packages/sandbox/test/escape/**/*.test.ts"], ...onRealSandboxes },
      },
      { extends: true, test: { name: "system", include: ["test/**/*.test.ts"], ...onRealSandboxes } },
    ],
  },
});
