// Depends on: identity.
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { ExecutionSpec } from "../src/index.ts";
import { borrowLanguage, sendsFrame } from "./support/borrowed-language.ts";
import { eventually, patience } from "./support/host-slowness.ts";
import { exited } from "./support/outcomes.ts";
import { parkedShell, parks } from "./support/parked-shell.ts";
import { commandOf, descendants, type HostProcess } from "./support/processes.ts";
import { problemOf, program, sharedSandboxes, temporaryFolder, untilPrinted, using } from "./support/sandboxes.ts";
import { sha256 } from "./support/sha256.ts";

const MIB = 1024 * 1024;

const park = (script: string) => ["/bin/sh", "-c", script];
const shell = parkedShell("echo prepared >/tmp/prepared");
const toy = borrowLanguage(parks(shell));

const folder = temporaryFolder();
const sandboxes = sharedSandboxes(() => ({ languages: [toy.name], cacheDir: join(folder(), "cache") }));
const run = (code: string | readonly string[], more: ExecutionSpec = {}) =>
  sandboxes().execute({ language: toy.name, code: typeof code === "string" ? code : program(...code), ...more }).result;

describe("a parked interpreter", () => {
  it("becomes the program that it is given, with what it prepared", async () => {
    const execution = await run("cat /tmp/prepared; echo ran >&2; exit 3");
    expect(execution).toMatchObject({
      outcome: exited(3),
      stdout: "prepared\n",
      stderr: "ran\n",
      artifacts: [],
      warnings: [],
    });
    expect(execution.compile).toBeUndefined();
  });

  it("is started before its program is there", async () => {
    const waiting = () => descendants().filter(({ pid }) => commandOf(pid)[2] === shell);
    // The one that is given the program is the first that said that it was ready, so that it is among them.
    await expect.poll(() => sandboxes().stats().parked, patience).toBeGreaterThan(0);
    const pids = waiting().map(({ pid }) => pid);
    const going = sandboxes().execute({ language: toy.name, code: "echo ready; sleep 54323" });
    await untilPrinted(going, "ready\n");
    const isSleeper = ({ pid }: HostProcess) => commandOf(pid).includes("54323");
    const sleeper = await eventually("the program's child", () => descendants().find(isSleeper));
    expect(pids).toContain(sleeper.parent);
    going.cancel();
    await going.result;
  });

  it("has its descriptors and no other, each to be opened again by its name", async () => {
    const lines = [
      "for n in 0 1 2 3 4 5 6 7 8 9; do [ -e /proc/$$/fd/$n ] && echo $n; done",
      "echo again >/dev/fd/1; echo again >/dev/stdout; cat /dev/stdin",
      `${sendsFrame('{"type":"result","name":"again","value":1}').replace(">&4", ">/dev/fd/4")}`,
    ];
    const { stdout, results } = await run(lines, { stdin: "in\n" });
    expect([stdout, results]).toEqual(["0\n1\n2\n4\nagain\nagain\nin\n", { again: 1 }]);
  });

  it("finds its task in the job folder, which belongs to it", async () => {
    const { stdout } = await run(
      ["ls /glovebox", "rm /glovebox/task.words && echo removed", "tr '\\0' '|' </glovebox/input.json"],
      {
        parameters: { a: 1 },
      },
    );
    const [first, second, third, removed, input = ""] = stdout.split("\n");
    expect([first, second, third, removed]).toEqual(["input.json", "results.jsonl", "task.words", "removed"]);
    expect(JSON.parse(input)).toMatchObject({ parameters: { a: 1 }, data: null });
  });

  it("may save results in the file and send them as messages", async () => {
    const lines = [
      'echo \'{"name":"file","value":1}\' >>/glovebox/results.jsonl',
      sendsFrame('{"type":"result","name":"message","value":2}'),
    ];
    expect((await run(lines)).results).toEqual({ file: 1, message: 2 });
  });
});

describe("the standard input of a program whose interpreter was parked", () => {
  const count = "wc -c; true";
  const hash = "sha256sum | cut -d' ' -f1";

  it("is at its end when none is given", async () => {
    expect((await run(count)).stdout).toBe("0\n");
  });

  it("comes from memory and from a path, byte for byte, also above what a pipe holds", async () => {
    for (const size of [1, 65_536, 65_537, MIB - 1, MIB, 5 * MIB]) {
      const stdin = randomBytes(size);
      expect((await run(hash, { stdin })).stdout).toBe(`${sha256(stdin)}\n`);
    }
    const [path, content] = [join(folder(), "stdin"), randomBytes(3 * MIB)];
    writeFileSync(path, content);
    expect((await run(hash, { stdin: { path } })).stdout).toBe(`${sha256(content)}\n`);
  });

  it("may be left unread, read in part, or closed", async () => {
    const stdin = Buffer.alloc(3 * MIB, "line\n");
    expect((await run("echo unread", { stdin })).stdout).toBe("unread\n");
    expect((await run("head -n 2; echo over", { stdin })).stdout).toBe("line\nline\nover\n");
    expect(await run("exec <&-; sleep 0.3; echo closed", { stdin })).toMatchObject({
      outcome: exited(0),
      stdout: "closed\n",
    });
  });

  it("is fed while the program writes as much as it reads", async () => {
    const stdin = randomBytes(2 * MIB);
    const { stdout } = await run("tee /dev/stderr | sha256sum | cut -d' ' -f1", { stdin });
    expect(stdout).toBe(`${sha256(stdin)}\n`);
  });

  it("may be read by a child after its parent is gone from it", async () => {
    const stdin = randomBytes(MIB);
    expect((await run("(sleep 0.2; sha256sum) | cut -d' ' -f1", { stdin })).stdout).toBe(`${sha256(stdin)}\n`);
  });
});

describe("an interpreter that does not come up", () => {
  /** What a run is told where the parked interpreter is this one. */
  async function told(script: readonly string[]): Promise<string> {
    const before = toy.park;
    toy.park = [...script];
    const options = { languages: [], pool: { min: 0, max: 1 }, cacheDir: join(folder(), "cache") };
    try {
      return await using(options, async (own) => {
        const problem = await problemOf(own.execute({ language: toy.name, code: "true" }).result);
        expect(problem.code).toBe("sandbox-unavailable");
        return problem.message;
      });
    } finally {
      toy.park = before;
    }
  }

  it.each([
    ["that ends with a word", park("echo the reason >&2; exit 3"), "the reason"],
    [
      "that is not there",
      ["/usr/bin/no-such-interpreter"],
      "No such file or directory: '/usr/bin/no-such-interpreter'",
    ],
    ["that says something else", park(sendsFrame('{"type":"value","value":1}')), '{"type":"value","value":1}'],
    [
      "that says too much",
      park("printf '\\177\\377\\377\\377' >&4; head -c 1000 /dev/zero | tr '\\0' x >&4; sleep 1"),
      "xxxx",
    ],
  ])("%s is a problem of the host with that reason, not of the program", async (_, script, reason) => {
    expect(await told(script)).toContain(reason);
  });

  it("because it dies after it was parked is replaced", async () => {
    const waiting = () =>
      descendants()
        .filter(({ pid }) => commandOf(pid)[2] === shell)
        .map(({ pid }) => pid);
    await expect.poll(waiting, patience).not.toEqual([]);
    const before = waiting();
    for (const pid of before) process.kill(pid, "SIGKILL");
    const isNew = () =>
      waiting().some((pid) => !before.includes(pid)) && !waiting().some((pid) => before.includes(pid));
    await expect.poll(isNew, patience).toBe(true);
    expect((await run("echo ran")).stdout).toBe("ran\n");
  });
});
