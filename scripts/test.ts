/**
 * `npm test`: runs every suite, whatever failed before, and closes with a table and the sum of all counts.
 *
 * Started by root, the tests with real sandboxes run a second time as an ordinary user, because isolation is built
 * differently then. That user needs no right to write in the checkout; if it cannot even read it, it gets a copy.
 * A skipped test fails the whole in CI.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { dirname, join } from "node:path";

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

interface Stage {
  readonly name: string;
  readonly run: () => Promise<Counts>;
  /** Measures no time and fills no machine, so that it may run beside its neighbours. */
  readonly besideOthers?: true;
}

/** How a stage starts its programs: as the one who runs the tests, or as the ordinary user. */
interface Account {
  /** Put before each command. */
  readonly prefix: readonly string[];
  readonly checkout: string;
}

const root = dirname(import.meta.dirname);
const ordinaryUser = "glovebox-test";
const environment = {
  ...process.env,
  ...(process.stdout.isTTY ? {} : { NO_COLOR: "1" }),
  // Python would write __pycache__ into the checkout.
  PYTHONDONTWRITEBYTECODE: "1",
};
const scratch = mkdtempSync(join(tmpdir(), "glovebox-test-"));

/** Runs a command to its end; its output goes to the console. */
function follow(account: Account, command: readonly string[]): Promise<number> {
  const [program = "", ...args] = [...account.prefix, ...command];
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: account.checkout,
      stdio: ["ignore", "inherit", "inherit"],
      env: environment,
    });
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 1));
  });
}

/** Runs a command to its end and keeps what it prints. */
function collect(account: Account, command: readonly string[]): Promise<{ status: number; output: string }> {
  const [program = "", ...args] = [...account.prefix, ...command];
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: account.checkout,
      stdio: ["ignore", "pipe", "pipe"],
      env: environment,
    });
    let output = "";
    const add = (text: string) => {
      output += text;
    };
    child.stdout.setEncoding("utf8").on("data", add);
    child.stderr.setEncoding("utf8").on("data", add);
    child.on("error", reject);
    child.on("close", (code) => resolve({ status: code ?? 1, output }));
  });
}

/** A suite that ends badly without a failed test (a file that does not load, no test at all) is one failure. */
function counted(counts: Counts, status: number): Counts {
  return status !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

const noTests: Counts = { passed: 0, failed: 0, skipped: 0 };

/** Reads what unittest closes with: `Ran 3 tests in 0.1s`, then `OK` or `FAILED (failures=1, skipped=1)`. */
function readUnittest(output: string): Counts {
  const ran = Number(/^Ran (\d+) tests? in/m.exec(output)?.[1] ?? 0);
  const closing = /^(?:OK|FAILED)(?: \((.*)\))?$/m.exec(output)?.[1] ?? "";
  const count = (label: string) => Number(new RegExp(`(?:^|, )${label}=(\\d+)`).exec(closing)?.[1] ?? 0);
  const failed = count("failures") + count("errors") + count("unexpected successes");
  const skipped = count("skipped") + count("expected failures");
  return { passed: Math.max(0, ran - failed - skipped), failed, skipped };
}

function unittestStage(account: Account, folder: string): Stage {
  const discover = ["-m", "unittest", "discover", "-s", `runners/${folder}/test`, "-t", "runners"];
  return {
    name: `runners/${folder}`,
    besideOthers: true,
    run: async () => {
      const { status, output } = await collect(account, ["/usr/bin/python3", ...discover]);
      process.stdout.write(`\ntest: runners/${folder}\n${output}`);
      const counts = readUnittest(output);
      // unittest is content with a folder in which it finds nothing.
      return counted(counts, status === 0 && counts.passed === 0 ? 1 : status);
    },
  };
}

/** The fields that are needed of what vitest's json reporter writes. */
function readVitest(path: string): Counts {
  if (!existsSync(path)) return noTests;
  const report: unknown = JSON.parse(readFileSync(path, "utf8"));
  const field = (name: string) => {
    const value: unknown = Object(report)[name];
    if (typeof value !== "number") throw new Error(`the vitest report has no number '${name}'`);
    return value;
  };
  return {
    passed: field("numPassedTests"),
    failed: field("numFailedTests"),
    skipped: field("numPendingTests") + field("numTodoTests"),
  };
}

function vitestStage(project: string, label: string, accountOf: () => Account): Stage {
  return {
    name: label,
    run: async () => {
      const account = accountOf();
      const folder = mkdtempSync(join(scratch, "report-"));
      if (account.prefix.length > 0) mustRun("chown", [ordinaryUser, folder]);
      const report = join(folder, "report.json");
      const status = await follow(account, [
        process.execPath,
        join(account.checkout, "node_modules/vitest/vitest.mjs"),
        "run",
        // The usual loader writes a compiled copy of the configuration into the checkout.
        "--configLoader=runner",
        `--project=${project}`,
        "--silent=passed-only",
        "--reporter=default",
        "--reporter=json",
        `--outputFile.json=${report}`,
      ]);
      return counted(readVitest(report), status);
    },
  };
}

function mustRun(command: string, args: readonly string[]): void {
  const { status, error } = spawnSync(command, args, { stdio: ["ignore", "inherit", "inherit"] });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed`, { cause: error });
}

/** Programs that the tests start and no user of Glovebox needs, with their Debian packages. */
const testTools = { curl: "curl", ip: "iproute2", unshare: "util-linux", setpriv: "util-linux" };

/** Installs the tests' own tools as root, and names them to anybody else. */
function installTestTools(): void {
  const folders = ["/usr/bin", "/usr/sbin", "/bin", "/sbin"];
  const missing = Object.entries(testTools).filter(
    ([name]) => !folders.some((folder) => existsSync(join(folder, name))),
  );
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map(([, name]) => name))];
  if (process.getuid?.() !== 0) throw new Error(`the tests need: sudo apt-get install -y ${packages.join(" ")}`);
  console.log(`test: installing ${packages.join(", ")}`);
  mustRun("apt-get", ["update", "-q"]);
  mustRun("apt-get", ["install", "-q", "-y", "--no-install-recommends", ...packages]);
}

/** Makes the warm files of the account's own cache, so that no test waits for them. Without them tests are slower only. */
function prepared(account: Account): Account {
  const [program = "", ...args] = [...account.prefix, process.execPath];
  const command = [join(account.checkout, "packages/cli/dist/main.js"), "setup-languages", "finish", "--all"];
  spawnSync(program, [...args, ...command], { cwd: account.checkout, stdio: ["ignore", "inherit", "inherit"] });
  return account;
}

/** Makes the ordinary user if it is missing, and a copy of the checkout if it cannot read this one. */
function ordinaryAccount(): Account {
  if (spawnSync("id", [ordinaryUser]).status !== 0) mustRun("useradd", ["--create-home", ordinaryUser]);
  mustRun("chmod", ["755", scratch]);
  const asUser = ["setpriv", `--reuid=${ordinaryUser}`, `--regid=${ordinaryUser}`, "--init-groups", "--reset-env"];
  const kept = Object.entries(environment)
    .filter(([name]) => /^(CI|LANG|NO_COLOR|PYTHONDONTWRITEBYTECODE|GLOVEBOX_.*)$/.test(name))
    .map(([name, value]) => `${name}=${value}`);
  const path = `PATH=${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin`;
  const prefix = [...asUser, "env", path, ...kept];

  const unreadable = ["find", root, "-name", ".git", "-prune", "-o", "!", "-readable", "-print", "-quit"];
  const [program = "", ...args] = [...prefix, ...unreadable];
  const look = spawnSync(program, args, { cwd: "/", encoding: "utf8" });
  if (look.status === 0 && look.stdout === "" && look.stderr === "") return prepared({ prefix, checkout: root });

  const copy = join(scratch, "checkout");
  console.log(`test: ${ordinaryUser} cannot read this checkout and gets a copy`);
  mustRun("mkdir", [copy]);
  const entries = readdirSync(root).filter((name) => name !== ".git" && name !== ".glovebox");
  mustRun("cp", ["-a", ...entries.map((name) => join(root, name)), copy]);
  mustRun("chown", ["-R", `${ordinaryUser}:`, copy]);
  mustRun("chmod", ["-R", "u+rwX", copy]);
  return prepared({ prefix, checkout: copy });
}

function stages(): Stage[] {
  const self: Account = { prefix: [], checkout: root };
  const folders = readdirSync(join(root, "runners")).filter((name) => existsSync(join(root, "runners", name, "test")));
  const all = [
    ...folders.map((folder) => unittestStage(self, folder)),
    ...["unit", "sandbox", "escape", "system"].map((project) => vitestStage(project, project, () => self)),
  ];
  if (process.getuid?.() !== 0) return all;
  let user: Account | undefined;
  const ordinary = () => (user ??= ordinaryAccount());
  // An ordinary user's limits may have to be kept without cgroups: that way is tested here too.
  const sampled = () => ({ ...ordinary(), prefix: [...ordinary().prefix, "GLOVEBOX_TEST_CGROUPS=none"] });
  const real = ["sandbox", "escape"];
  // Compilers, libraries, and every language's bad programs, meet the cgroups of root, and this user's sampling; that is
  // enough.
  const languages = ["languages", "command-languages*", "libraries", "virtual-environment"];
  const twice = [...languages, "*compile*", "warm-files", "embedded-files"];
  const seenTwice = twice.map((name) => `packages/sandbox/test/${name}.test.ts`).join(",");
  const delegated = () => ({ ...ordinary(), prefix: [...ordinary().prefix, `GLOVEBOX_TEST_WITHOUT=${seenTwice}`] });
  return [
    ...all,
    ...real.map((name) => vitestStage(name, `${name} as ${ordinaryUser}`, delegated)),
    ...real.map((name) => vitestStage(name, `${name} without cgroups`, sampled)),
  ];
}

interface Row {
  readonly name: string;
  readonly counts: Counts;
  readonly seconds: number;
}

async function runStage({ name, run }: Stage): Promise<Row> {
  const started = performance.now();
  const counts = await run().catch((error: unknown) => {
    console.error(error);
    return { ...noTests, failed: 1 };
  });
  return { name, counts, seconds: (performance.now() - started) / 1000 };
}

async function main(): Promise<number> {
  installTestTools();
  const all = stages();
  const beside = all.filter((stage) => stage.besideOthers === true);
  const rows: Row[] = [];
  await Promise.all(
    Array.from({ length: availableParallelism() }, async () => {
      for (let next = beside.shift(); next !== undefined; next = beside.shift()) rows.push(await runStage(next));
    }),
  );
  rows.sort((one, other) => one.name.localeCompare(other.name, "en"));
  for (const stage of all.filter(({ besideOthers }) => besideOthers !== true)) {
    console.log(`\ntest: ${stage.name}`);
    rows.push(await runStage(stage));
  }

  const width = Math.max(...rows.map((row) => row.name.length));
  console.log(`\n${"suite".padEnd(width)}   passed   failed  skipped  seconds`);
  for (const { name, counts, seconds } of rows) {
    const columns = [counts.passed, counts.failed, counts.skipped, seconds.toFixed(1)];
    console.log(name.padEnd(width) + columns.map((column) => String(column).padStart(9)).join(""));
  }

  const sum = (key: keyof Counts) => rows.reduce((total, { counts }) => total + counts[key], 0);
  const skipsFail = process.env.CI === "true" && sum("skipped") > 0;
  if (skipsFail) console.log("\ntest: skipped tests count as failed in CI");
  const skipped = sum("skipped") > 0 ? `, ${sum("skipped")} skipped` : "";
  console.log(`\n${sum("passed")} passed, ${sum("failed")} failed${skipped}`);
  return sum("failed") > 0 || skipsFail ? 1 : 0;
}

try {
  process.exitCode = await main();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
