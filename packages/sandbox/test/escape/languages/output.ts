import { expect } from "vitest";
import type { Run } from "../../../src/index.ts";
import { stretched } from "../../support/host-slowness.ts";
import { untilPrinted } from "../../support/sandboxes.ts";
import type { Attack, Programs, Theme } from "./theme.ts";

const limits = { outputBytes: 100_000, outputLines: 1_000 };
const endless = { outputBytes: 2 ** 30, outputLines: 100_000_000 };
const ofBytes = { kind: "output-limit", limit: "outputBytes", violations: [], stage: "run" };
const ofLines = { kind: "output-limit", limit: "outputLines", violations: [], stage: "run" };

/** Writes without end to both streams and ignores every signal; `text` is what each write consists of. */
function flood(text: "bytes" | "lines" | "both"): Programs {
  const letter = text === "bytes" ? "x" : "\\n";
  return {
    c: String.raw`
  for (int number = 1; number < 65; number++) signal(number, SIG_IGN);
  memset(room, '${letter}', sizeof room);
  ${text === "both" ? "memset(room, 'x', 4095);" : ""}
  for (long count = 0; count < amount; count++) {
    for (int stream = 1; stream <= 2; stream++) {
      if (write(stream, room, ${text === "lines" ? 700 : text === "both" ? 4096 : "sizeof room"}) < 0) continue;
    }
  }
`,
    bash: String.raw`
trap '' HUP INT TERM PIPE
printf -v block '${text === "bytes" ? "%65536s" : text === "lines" ? "%.0s\\n" : "%4095s\\n"}' ${text === "lines" ? "{1..700}" : "''"}
for ((count = 0; count < amount; count++)); do
  printf '%s' "$block"
  printf '%s' "$block" >&2
done
`,
    javascript: String.raw`
for (const name of ["SIGHUP", "SIGINT", "SIGTERM", "SIGPIPE"]) process.on(name, () => {});
const block = Buffer.from("${letter}".repeat(${text === "bytes" ? 65536 : text === "lines" ? 700 : 0}) || "x".repeat(4095) + "\n");
for (let count = 0; count < amount; count++) for (const stream of [1, 2]) outcome(() => fs.writeSync(stream, block));
`,
  };
}

const both = (execution: { stdout: string; stderr: string }) => execution.stdout + execution.stderr;
const atOnce = { place: "ordinary", amount: 4 } as const;
const endlessly = 1_000_000_000;

async function onceFlooding(run: Run): Promise<void> {
  await untilPrinted(run, "");
  run.cancel();
}

export const output: Theme = {
  title: "output",
  surveys: [],
  attacks: [
    {
      id: "output.bytes",
      programs: flood("bytes"),
      amount: endlessly,
      request: { limits },
      holds: ({ execution }) => {
        expect(execution.outcome).toEqual(ofBytes);
        expect(both(execution).length).toBe(100_000);
      },
      control: { ...atOnce, shows: ({ stdout }) => expect(stdout.length).toBe(4 * 65_536) },
    },
    {
      id: "output.lines",
      programs: flood("lines"),
      amount: endlessly,
      request: { limits },
      holds: ({ execution }) => {
        expect(execution.outcome).toEqual(ofLines);
        expect(both(execution)).toBe("\n".repeat(1_000));
      },
      control: { ...atOnce, shows: ({ stdout }) => expect(stdout).toBe("\n".repeat(2_800)) },
    },
    {
      id: "output.reopened",
      programs: {
        c: String.raw`
  static const char *names[] = {"/dev/stdout", "/proc/self/fd/2", "/dev/fd/1"};
  int outputs[3];
  for (int index = 0; index < 3; index++) {
    outputs[index] = open(names[index], O_WRONLY);
    fcntl(outputs[index], F_SETPIPE_SZ, 16 << 20);
  }
  memset(room, 'x', sizeof room);
  for (long count = 0; count < amount; count++) write_all(outputs[count % 3], room, sizeof room);
`,
        bash: String.raw`
exec 8>/dev/stdout 9>/proc/self/fd/2
printf -v block '%65536s' ''
for ((count = 0; count < amount; count++)); do
  printf '%s' "$block" >&$((8 + count % 2))
done
`,
        javascript: String.raw`
const outputs = ["/dev/stdout", "/proc/self/fd/2", "/dev/fd/1"].map((path) => fs.openSync(path, "w"));
const block = Buffer.alloc(65536, "x");
for (let count = 0; count < amount; count++) writeAll(outputs[count % 3], block);
`,
      },
      amount: endlessly,
      request: { limits },
      holds: ({ execution }) => {
        expect(execution.outcome).toEqual(ofBytes);
        expect(both(execution).length).toBe(100_000);
      },
      control: { why: "nothing counts an output of the host" },
    },
    ...(["at the time limit", "cancelled"] as const).map(
      (variant): Attack => ({
        id: "output.flood-and-time",
        variant,
        programs: flood("both"),
        amount: endlessly,
        request: { limits: { ...endless, timeoutMs: variant === "cancelled" ? stretched(10_000) : stretched(600) } },
        run: { collectOutput: false },
        ...(variant === "cancelled" ? { during: onceFlooding } : {}),
        holds: ({ execution }) =>
          expect(execution.outcome).toEqual(
            variant === "cancelled"
              ? { kind: "cancelled", violations: [], stage: "run" }
              : { kind: "timed-out", limit: "timeoutMs", violations: [], stage: "run" },
          ),
        control: { why: "the same flood" },
      }),
    ),
    {
      id: "output.slow-reader",
      programs: flood("bytes"),
      amount: endlessly,
      request: { limits: { ...endless, timeoutMs: stretched(800) } },
      run: { collectOutput: false },
      during: async (run) => {
        const before = process.memoryUsage().rss;
        let most = 0;
        for await (const _ of run.events()) {
          await new Promise((resolve) => setTimeout(resolve, 20));
          most = Math.max(most, process.memoryUsage().rss - before);
        }
        // Three of them at the same time; an error here fails the suite as an unhandled rejection.
        expect(most).toBeLessThan(192 * 1024 * 1024);
      },
      holds: ({ execution }) => expect(execution.outcome.kind).toBe("timed-out"),
      control: { why: "the same flood" },
    },
  ],
};
