import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { isAbandoned, newInstanceName, startTimeOf } from "./process-identity.ts";

describe("the identity of a process", () => {
  it("is its start time, which stays the same while it lives", () => {
    expect(startTimeOf(process.pid)).toMatch(/^\d+$/);
    expect(startTimeOf(process.pid)).toBe(startTimeOf(process.pid));
  });

  it("is read past a name with blanks and parentheses", async () => {
    const child = spawn("/usr/bin/python3", [
      "-S",
      "-c",
      "open('/proc/self/comm', 'w').write(') x (0 1'); print(1, flush=True); input()",
    ]);
    await once(child.stdout, "data");
    const { pid = 0 } = child;
    expect(readFileSync(`/proc/${pid}/comm`, "utf8")).toBe(") x (0 1\n");
    const now = Number(startTimeOf(process.pid));
    expect(Number(startTimeOf(pid))).toBeGreaterThanOrEqual(now);
    child.stdin.end();
    await once(child, "exit");
    expect(startTimeOf(pid)).toBe(null);
  });

  it("makes a name that no other instance has", () => {
    const [one, two] = [newInstanceName(), newInstanceName()];
    expect(one).toMatch(new RegExp(`^${process.pid}-${startTimeOf(process.pid)}-\\d+$`));
    expect(two).not.toBe(one);
  });

  it("tells what a dead process left: no such number, or another process with the same number", () => {
    expect(isAbandoned(newInstanceName())).toBe(false);
    expect(isAbandoned(`${process.pid}-1-1`)).toBe(true);
    expect(isAbandoned("4194305-123-1")).toBe(true);
  });

  it("leaves alone what is no instance's", () => {
    for (const name of ["", "x", "1-2", "1-2-3-4", "a-1-1", "1-1-1.old", " 1-1-1"])
      expect(isAbandoned(name)).toBe(false);
  });
});
