/**
 * A host process of its own, to be killed by a test: makes sandboxes, runs a program with background
 * children and says on its standard output when all of it goes. Arguments: the runtime folder.
 */
import { openSandboxes } from "./open.ts";

const sandboxes = await openSandboxes({ runtimeDir: process.argv[2] ?? "", pool: { min: 2, max: 4 } });
const code = `
import os, signal, subprocess, time
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP): signal.signal(number, signal.SIG_IGN)
for _ in range(2): subprocess.Popen(['/bin/sleep', '600'], start_new_session=True)
print('ready', flush=True)
time.sleep(600)
`;
const run = sandboxes.execute({ code });
for await (const event of run.events()) {
  if (event.type === "stdout") process.stdout.write("running\n");
}
