import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { expect, it } from "vitest";
import { takeFromPipe } from "./stdin.ts";

it("takes what came while the event loop stood still for longer than the wait", async () => {
  const folder = mkdtempSync(join(tmpdir(), "glovebox-stdin-"));
  const written = join(folder, "written");
  const writer = spawn("/bin/sh", ["-c", 'read line; printf "in time"; : >"$0"', written]);
  try {
    await setImmediate(); // from here, timers are next
    const taken = takeFromPipe(writer.stdout, "pipe", 20);
    writer.stdin.end("go\n");
    while (!existsSync(written)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 25);
    expect(await taken).toEqual({ bytes: Buffer.from("in time") });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it("takes nothing, and says so, where nothing comes", async () => {
  const silent = spawn("/bin/cat", { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(silent, "close");
  expect(await takeFromPipe(silent.stdout, "socket", 20)).toEqual({
    warning: "stdin: nothing came within 0.02 s, so the program gets none; '--stdin -' waits for it",
  });
  silent.stdin.end();
  await ended;
});
