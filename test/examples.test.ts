/** Examples that need a server are run on one. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "./checkout.ts";
import { endChildren, endOf, startChild } from "./support/child.ts";
import { startServer } from "./support/server.ts";

endChildren();

test("a program is run without waiting, followed, and its files are fetched", async () => {
  const server = await startServer(["--preload", ""]);
  const script = join(root, "examples/watch.mjs");
  const child = startChild([process.execPath, script, server.url], { stdio: ["ignore", "pipe", "pipe"] });
  const { status, stdout, stderr } = await endOf(child);
  await server.stop();
  expect({ status, stderr: stderr.toString() }).toEqual({ status: 0, stderr: "" });
  expect(stdout.toString()).toBe(
    "step 0\nstep 1\nstep 2\noutcome: exited 0\nsquares.csv: 20 bytes, as the record says\n",
  );
});
