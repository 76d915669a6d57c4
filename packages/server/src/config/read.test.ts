import { ProblemError } from "@glovebox/protocol";
import { expect, test } from "vitest";
import { type Flags, namingSettings, readConfig } from "./read.ts";
import { settingNames } from "./settings.ts";

test("without settings the defaults hold", () => {
  expect(readConfig({ HOME: "/root" })).toEqual({
    host: "127.0.0.1",
    keepBytes: 268_435_456,
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

test("times and sizes may have units, and a number alone is in milliseconds or bytes", () => {
  const environment = {
    GLOVEBOX_LEASE_TIMEOUT_MS: "2s",
    GLOVEBOX_BODY_LIMIT_BYTES: "8MB",
    GLOVEBOX_DEFAULT_TIMEOUT_MS: "1.5m",
    GLOVEBOX_DEFAULT_CPU_PERCENT: "50%",
    GLOVEBOX_DEFAULT_PROCESSES: "9",
    GLOVEBOX_CEILING_MEMORY_BYTES: "1g",
    GLOVEBOX_CEILING_DISK_BYTES: "65536",
  };
  expect(readConfig(environment)).toMatchObject({
    leaseTimeoutMs: 2_000,
    bodyLimitBytes: 8_388_608,
    default: { timeoutMs: 90_000, cpuPercent: 50, processes: 9 },
    ceiling: { memoryBytes: 1_073_741_824, diskBytes: 65_536 },
  });
});

test.each([
  [
    { GLOVEBOX_DEFAULT_TIMEOUT_MS: "soon" },
    'GLOVEBOX_DEFAULT_TIMEOUT_MS: needs a time such as 500ms, 10s, 2m or 1h (a number alone is in ms), not "soon"',
  ],
  [
    { GLOVEBOX_CEILING_MEMORY_BYTES: "1s" },
    'GLOVEBOX_CEILING_MEMORY_BYTES: needs a size such as 64KB, 512MB or 1.5GB (a number alone is in bytes), not "1s"',
  ],
  [{ GLOVEBOX_CEILING_OPEN_FILES: "15" }, "GLOVEBOX_CEILING_OPEN_FILES: must be at least 16"],
  [{ GLOVEBOX_BODY_LIMIT_BYTES: "1" }, "GLOVEBOX_BODY_LIMIT_BYTES: must be from 1024 to 2147483648"],
  [{ GLOVEBOX_PORT: "65536" }, "GLOVEBOX_PORT: must be from 0 to 65535"],
])("%j is refused: %s", (environment, message) => {
  expect(refusal(environment).message).toBe(message);
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
  const named = namingSettings(ProblemError.ofFields("invalid-configuration", errors), flags);
  expect(named).toMatchObject({
    code: "invalid-configuration",
    message: "--toolchain: /etc may not be shown; GLOVEBOX_CACHE_DIR: is not writable; other: is wrong",
  });
  const foreign = ProblemError.ofFields("invalid-request", errors);
  expect(namingSettings(foreign, flags)).toBe(foreign);
});

test("a ceiling below a built-in default is no mistake", () => {
  expect(readConfig({ GLOVEBOX_CEILING_TIMEOUT_MS: "8" }).ceiling).toEqual({ timeoutMs: 8 });
});

test("every setting has one variable", () => {
  expect(settingNames).toHaveLength(33);
});

function refusal(environment: NodeJS.ProcessEnv, flags: Flags = {}): ProblemError {
  try {
    readConfig(environment, flags);
  } catch (error) {
    if (error instanceof ProblemError) return error;
  }
  throw new Error("it was not refused");
}
