import { ProblemError } from "@glovebox/protocol";
import { expect, test } from "vitest";
import { type Flags, namingSettings, readConfig } from "./read.ts";
import { settingNames } from "./settings.ts";

test("without settings the defaults hold", () => {
  expect(readConfig({ HOME: "/root" })).toEqual({
    host: "127.0.0.1",
    port: 7070,
    allowedHosts: [],
    bodyLimitBytes: 67_108_864,
    preload: ["numpy", "pandas", "scipy", "matplotlib", "seaborn"],
    waive: [],
    toolchains: [],
    languages: ["python"],
    default: {},
    ceiling: {},
  });
});

test("variables are read by type, and flags win over them", () => {
  const environment = {
    GLOVEBOX_PORT: "8080",
    GLOVEBOX_PRELOAD: "",
    GLOVEBOX_ALLOWED_HOSTS: "a.example, b.example",
    GLOVEBOX_WAIVE: "cgroups",
    GLOVEBOX_TOOLCHAINS: "/opt/go, /opt/node 22",
    GLOVEBOX_CACHE_DIR: "/var/cache/glovebox",
    GLOVEBOX_LANGUAGES: "python,go",
    GLOVEBOX_DEFAULT_TIMEOUT_MS: "5000",
    GLOVEBOX_CEILING_MEMORY_BYTES: "268435456",
  };
  const flags: Flags = { port: { option: "--port", text: "9090" } };
  expect(readConfig(environment, flags)).toMatchObject({
    port: 9090,
    preload: [],
    allowedHosts: ["a.example", "b.example"],
    waive: ["cgroups"],
    toolchains: ["/opt/go", "/opt/node 22"],
    cacheDir: "/var/cache/glovebox",
    languages: ["python", "go"],
    default: { timeoutMs: 5_000 },
    ceiling: { memoryBytes: 268_435_456 },
  });
});

test("an unknown variable is refused with the known ones; those of other tools are not judged", () => {
  const foreign = { GLOVEBOX_NO_INSTALL: "1", GLOVEBOX_VM_MEMORY: "1", GLOVEBOX_TEST_SLOWNESS: "2" };
  expect(readConfig(foreign).port).toBe(7070);
  const problem = refusal({ ...foreign, GLOVEBOX_POOLMIN: "1" });
  expect(problem.code).toBe("invalid-configuration");
  expect(problem.errors.map((error) => error.field)).toEqual(["GLOVEBOX_POOLMIN"]);
  expect(problem.message).toContain("unknown variable; did you mean GLOVEBOX_POOL_MIN? the known ones are ");
});

test.each<[NodeJS.ProcessEnv, Flags, string]>([
  [{ GLOVEBOX_PORT: "" }, {}, "GLOVEBOX_PORT"],
  [{ GLOVEBOX_PORT: "65536" }, {}, "GLOVEBOX_PORT"],
  [{ GLOVEBOX_PORT: "1e3" }, {}, "GLOVEBOX_PORT"],
  [{ GLOVEBOX_PORT: "80" }, { port: { option: "--port", text: "-1" } }, "--port"],
  [{ GLOVEBOX_WAIVE: "walls" }, {}, "GLOVEBOX_WAIVE"],
  [{ GLOVEBOX_TOOLCHAINS: "/opt/go,node" }, {}, "GLOVEBOX_TOOLCHAINS"],
  [{}, { toolchains: { option: "--toolchain", text: "go" } }, "--toolchain"],
  [{ GLOVEBOX_CACHE_DIR: "cache" }, {}, "GLOVEBOX_CACHE_DIR"],
  [{ GLOVEBOX_LANGUAGES: " , " }, {}, "GLOVEBOX_LANGUAGES"],
  [{ GLOVEBOX_ALLOWED_HOSTS: "a:80" }, {}, "GLOVEBOX_ALLOWED_HOSTS"],
  [{ GLOVEBOX_DEFAULT_OPEN_FILES: "1" }, {}, "GLOVEBOX_DEFAULT_OPEN_FILES"],
  [{ GLOVEBOX_POOL_MIN: "4", GLOVEBOX_POOL_MAX: "2" }, {}, "GLOVEBOX_POOL_MIN"],
  [{ GLOVEBOX_DEFAULT_TIMEOUT_MS: "9", GLOVEBOX_CEILING_TIMEOUT_MS: "8" }, {}, "GLOVEBOX_DEFAULT_TIMEOUT_MS"],
])("%j with %j is refused and names %s", (environment, flags, field) => {
  expect(refusal(environment, flags).errors.map((error) => error.field)).toEqual([field]);
});

test("what the sandboxes refuse later is told in the words of whoever set it", () => {
  const errors = [
    { field: "toolchains[1]", message: "/etc may not be shown" },
    { field: "cacheDir", message: "is not writable" },
    { field: "other", message: "is wrong" },
  ];
  const flags: Flags = { toolchains: { option: "--toolchain", text: "/opt/go,/etc" } };
  const named = namingSettings(new ProblemError("invalid-configuration", "", { errors }), flags);
  expect(named).toMatchObject({
    code: "invalid-configuration",
    message: "--toolchain: /etc may not be shown; GLOVEBOX_CACHE_DIR: is not writable; other: is wrong",
  });
  const foreign = new ProblemError("invalid-request", "", { errors });
  expect(namingSettings(foreign, flags)).toBe(foreign);
});

test("a ceiling below a built-in default is no mistake", () => {
  expect(readConfig({ GLOVEBOX_CEILING_TIMEOUT_MS: "8" }).ceiling).toEqual({ timeoutMs: 8 });
});

test("every setting has one variable", () => {
  expect(settingNames).toHaveLength(32);
});

function refusal(environment: NodeJS.ProcessEnv, flags: Flags = {}): ProblemError {
  try {
    readConfig(environment, flags);
  } catch (error) {
    if (error instanceof ProblemError) return error;
  }
  throw new Error("it was not refused");
}
