/** The process of the command line. It is built into one file, which start.ts loads. */
import { runCommandLine } from "./command-line.ts";

async function main(): Promise<never> {
  // A reader that goes away is the commands' to handle where it matters, and never a crash.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  // Without a listener Node opens its debugger, by which every user of the host could act as this one.
  process.on("SIGUSR1", () => {});
  const status = await runCommandLine(process.argv.slice(2));
  // Handles that are still open, an idle stdin for instance, must not keep a finished command alive.
  for (const stream of [process.stdout, process.stderr]) {
    await new Promise((resolve) => stream.write("", resolve));
  }
  process.exit(status);
}

void main();
