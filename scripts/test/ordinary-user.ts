import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { type Account, environment, mustRun, root, scratch } from "./commands.ts";

/** The user as whom root repeats what depends on who runs the sandboxes. */
export const ordinaryUser = "glovebox-test";

/** Makes the ordinary user if it is missing, and a copy of the checkout if it cannot read this one. */
export function ordinaryAccount(): Account {
  if (spawnSync("id", [ordinaryUser]).status !== 0) mustRun("useradd", ["--create-home", ordinaryUser]);
  mustRun("chmod", ["755", scratch]);
  const asUser = ["setpriv", `--reuid=${ordinaryUser}`, `--regid=${ordinaryUser}`, "--init-groups", "--reset-env"];
  const kept = Object.entries(environment)
    .filter(([name]) => /^(CI|LANG|NO_COLOR|PYTHONDONTWRITEBYTECODE|GLOVEBOX_.*)$/.test(name))
    .map(([name, value]) => `${name}=${value}`);
  const path = `PATH=${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin`;
  const prefix = [...asUser, "env", path, ...kept];
  const account = { prefix, checkout: readable(prefix) ? root : copyOfCheckout() };
  copyWarmFiles(account);
  finishLanguages(account);
  return account;
}

/** Runs Node to its end as the account. Returns what it prints, or nothing where that goes to the console. */
function runNode({ prefix, checkout }: Account, args: readonly string[], stdout: "inherit" | "pipe"): string {
  const [program = "", ...before] = [...prefix, process.execPath];
  const options = { cwd: checkout, encoding: "utf8" } as const;
  const { stdout: printed } = spawnSync(program, [...before, ...args], {
    ...options,
    stdio: ["ignore", stdout, "inherit"],
  });
  return printed ?? "";
}

/** Whether the account's sandboxes have cgroups on this host. */
export function hasCgroups(account: Account): boolean {
  const diagnosis: unknown = JSON.parse(
    runNode(account, [join(account.checkout, "packages/cli/dist/main.js"), "doctor", "--json"], "pipe"),
  );
  const { checks } = Object(diagnosis);
  const found = Array.isArray(checks) ? checks.find((check) => Object(check).id === "cgroups") : undefined;
  if (found === undefined) throw new Error("'glovebox doctor --json' has no check 'cgroups'");
  return Object(found).status !== "missing";
}

/** Makes what is missing of the account's warm files, so that no test waits for it. Without it tests are slower only. */
function finishLanguages(account: Account): void {
  const command = [join(account.checkout, "packages/cli/dist/main.js"), "setup-languages", "finish", "--all"];
  runNode(account, command, "inherit");
}

/** Gives the user root's warm files; what it had itself is replaced. */
function copyWarmFiles(account: Account): void {
  const caches = process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache");
  const from = join(caches, "glovebox");
  if (!existsSync(join(from, "warm"))) return;
  const home = runNode(account, ["-p", 'require("node:os").homedir()'], "pipe").trim();
  if (!home.startsWith("/") || home === "/" || home === homedir()) return;
  const to = join(home, ".cache/glovebox");
  mustRun("rm", ["-rf", to]);
  mustRun("mkdir", ["-p", "-m", "700", to]);
  mustRun("cp", ["-a", join(from, "warm"), to]);
  mustRun("chown", ["-R", `${ordinaryUser}:`, join(home, ".cache")]);
}

function readable(prefix: readonly string[]): boolean {
  const unreadable = ["find", root, "-name", ".git", "-prune", "-o", "!", "-readable", "-print", "-quit"];
  const [program = "", ...args] = [...prefix, ...unreadable];
  const look = spawnSync(program, args, { cwd: "/", encoding: "utf8" });
  return look.status === 0 && look.stdout === "" && look.stderr === "";
}

function copyOfCheckout(): string {
  const copy = join(scratch, "checkout");
  console.log(`test: ${ordinaryUser} cannot read this checkout and gets a copy`);
  mustRun("mkdir", [copy]);
  const entries = readdirSync(root).filter((name) => name !== ".git" && name !== ".glovebox");
  mustRun("cp", ["-a", ...entries.map((name) => join(root, name)), copy]);
  mustRun("chown", ["-R", `${ordinaryUser}:`, copy]);
  mustRun("chmod", ["-R", "u+rwX", copy]);
  return copy;
}
