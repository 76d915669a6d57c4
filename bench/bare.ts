import { spawn } from "node:child_process";

export const python = "/usr/bin/python3";

/** Runs a command to its end and returns its standard output. Rejects when it fails. */
export function run(command: readonly string[], cwd?: string): Promise<string> {
  const [program = "", ...args] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"], cwd });
    const parts: Buffer[] = [];
    child.stdout.on("data", (part: Buffer) => parts.push(part));
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve(Buffer.concat(parts).toString());
      else reject(new Error(`${program} ended with ${code}`));
    });
  });
}

/** A bare interpreter, no sandbox: what Glovebox is measured against. */
export const barePython = (code: string) => () => run([python, "-c", code]);

/** Bytes of a command's output that arrive in a second. */
export async function streamBare(command: readonly string[]): Promise<{ bytes: number; seconds: number }> {
  const [program = "", ...args] = command;
  const start = performance.now();
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
  let bytes = 0;
  for await (const part of child.stdout) bytes += (part as Buffer).length;
  return { bytes, seconds: (performance.now() - start) / 1000 };
}
