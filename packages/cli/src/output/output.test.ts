import { PassThrough, Writable } from "node:stream";
import { type Outcome, problemSchema } from "@glovebox/protocol";
import { expect, test } from "vitest";
import { displayFiles } from "./displays.ts";
import { exitStatus } from "./exit-status.ts";
import { printable } from "./printable.ts";
import { reportProblem } from "./problem-text.ts";
import { Sink } from "./sink.ts";

test.each<[Partial<Outcome>, number]>([
  [{ kind: "exited", code: 0 }, 0],
  [{ kind: "exited", code: 42 }, 42],
  [{ kind: "signalled", signal: "SIGKILL" }, 137],
  [{ kind: "signalled", signal: "SIGTERM" }, 143],
  [{ kind: "signalled", signal: "SIGRTMIN+7" }, 255],
  [{ kind: "timed-out", limit: "cpuMs" }, 124],
  [{ kind: "out-of-memory" }, 137],
  [{ kind: "output-limit", limit: "outputBytes" }, 137],
  [{ kind: "disk-limit" }, 137],
  [{ kind: "cancelled" }, 130],
  [{ kind: "refused" }, 126],
  [{ kind: "sandbox-fault", message: "" }, 125],
])("the outcome %j is the exit status %i", (outcome, status) => {
  expect(exitStatus({ stage: "run", violations: [], ...outcome } as Outcome)).toBe(status);
});

test("what could steer a terminal is shown, not sent", () => {
  expect(printable("a\u001b[31m\r\n\tb\u202e\u200b\u2028\u0085")).toBe(
    "a\\x1b[31m\\x0d\\n\\tb\\u{202e}\\u{200b}\\u{2028}\\x85",
  );
  expect(printable("Grüße 你好 🙂")).toBe("Grüße 你好 🙂");
});

test("display files are named by their type, never by the program", () => {
  const files = displayFiles([
    { "image/svg+xml": "<svg/>", "../../etc/passwd": "x", "text/plain; charset=utf-8": "t" },
    { "application/json": { a: 1 }, "image/x-new": "AP8=" },
  ]);
  expect(files).toEqual([
    { name: "display-1.svg", data: "<svg/>" },
    { name: "display-1.txt", data: "x" },
    { name: "display-1.txt", data: "t" },
    { name: "display-2.json", data: '{\n  "a": 1\n}\n' },
    { name: "display-2.bin", data: Buffer.from([0, 255]) },
  ]);
});

test("a fault of ours is one problem for who reads JSON, without its inside", () => {
  const [stderr, json] = [new PassThrough(), new PassThrough()];
  expect(reportProblem(new Error("secret"), stderr, json)).toBe(125);
  expect(problemSchema.parse(JSON.parse(String(json.read())))).toMatchObject({
    code: "internal-error",
    detail: "see the messages on stderr",
  });
  expect(String(stderr.read())).toMatch(/^glovebox: internal error: Error: secret\n/);
});

test("a sink waits for a slow reader", async () => {
  const waiting: (() => void)[] = [];
  const slow = new Writable({ highWaterMark: 1, write: (_chunk, _encoding, done) => waiting.push(done) });
  const sink = new Sink(slow, () => {});
  let written = false;
  const writing = sink.write("long").then(() => {
    written = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(written).toBe(false);
  waiting[0]?.();
  await writing;
});

test("a sink keeps a failure that is not the reader's leaving", async () => {
  const full = new Writable({ write: (_chunk, _encoding, done) => done(new Error("ENOSPC: no space left")) });
  let told = 0;
  const sink = new Sink(full, () => told++);
  await sink.write("x");
  await new Promise((resolve) => setImmediate(resolve));
  await sink.write("y");
  expect([told, sink.gone, sink.failure?.message]).toEqual([1, true, "ENOSPC: no space left"]);
});
