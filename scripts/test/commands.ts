import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** How a stage starts its programs: as the one who runs the tests, or as the ordinary user. */
export interface Account {
  /** Put before each command. */
  readonly prefix: readonly string[];
  readonly checkout: string;
}

/** Folder of the checkout. */
export const root = dirname(dirname(import.meta.dirname));
/** A folder for this run, removed at its end. */
export const scratch = mkdtempSync(join(tmpdir(), "glovebox-test-"));

export const environment = {
  ...process.env,
  ...(process.stdout.isTTY ? {} : { NO_COLOR: "1" }),
  // Python would write __pycache__ into the checkout.
  PYTHONDONTWRITEBYTECODE: "1",
};

function start(account: Account, command: readonly string[], output: "inherit" | "pipe") {
  const [program = "", ...args] = [...account.prefix, ...command];
  return spawn(program, args, { cwd: account.checkout, stdio: ["ignore", output, output], env: environment });
}

/** Runs a command to its end; its output goes to the console. */
export function follow(account: Account, command: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = start(account, command, "inherit");
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 1));
  });
}

/** Runs a command to its end and keeps what it prints. */
export function collect(account: Account, command: readonly string[]): Promise<{ status: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = start(account, command, "pipe");
    let output = "";
    const add = (text: string) => {
      output += text;
    };
    child.stdout?.setEncoding("utf8").on("data", add);
    child.stderr?.setEncoding("utf8").on("data", add);
    child.on("error", reject);
    child.on("close", (code) => resolve({ status: code ?? 1, output }));
  });
}

export function mustRun(command: string, args: readonly string[]): void {
  const { status, error } = spawnSync(command, args, { stdio: ["ignore", "inherit", "inherit"] });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed`, { cause: error });
}
