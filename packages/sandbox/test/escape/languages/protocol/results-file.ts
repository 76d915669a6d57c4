import { expect } from "vitest";
import { stretched } from "../../../support/host-slowness.ts";
import type { Attack, Programs } from "../theme.ts";
import { sameEverywhere, watchingTheLoop } from "./watching.ts";

/** Replaces the file of results, in all the ways in which it can be. */
const replaceResults: readonly (readonly [string, Programs])[] = (
  [
    ["a link to a file of the host", 'symlink(told("TARGET_FILE"), RESULTS)', 'ln -s "$TARGET_FILE" "$RESULTS"'],
    ["a link to its own environment", 'symlink("/proc/self/environ", RESULTS)', 'ln -s /proc/self/environ "$RESULTS"'],
    ["a pipe", "mkfifo(RESULTS, 0666)", 'mkfifo "$RESULTS"'],
    ["a folder", "mkdir(RESULTS, 0777)", 'mkdir "$RESULTS"'],
  ] as const
).map(([variant, c, bash]) => [
  variant,
  {
    c: `
#define RESULTS "/glovebox/results.jsonl"
  unlink(RESULTS);
  say("replaced", said(${c}));
#undef RESULTS
`,
    bash: `RESULTS=/glovebox/results.jsonl; rm -f "$RESULTS"; trial replaced ${bash}`,
    javascript: `
fs.unlinkSync("/glovebox/results.jsonl");
const { status } = child.spawnSync("/bin/sh", ["-c", ${JSON.stringify(bash)}], { env: { ...told, RESULTS: "/glovebox/results.jsonl" } });
say("replaced", status === 0 ? "ok" : String(status));
`,
  },
]);

/** Copies the payload over the file of results. */
const writeResults: Programs = {
  c: String.raw`
  int payload = open("payload", O_RDONLY), results = open("/glovebox/results.jsonl", O_WRONLY);
  for (long size; (size = read(payload, room, sizeof room)) > 0;) write_all(results, room, size);
  say("done", "yes");
`,
  bash: `cat payload >"$GLOVEBOX_RESULTS"; say done yes`,
  javascript: `fs.copyFileSync("payload", told.GLOVEBOX_RESULTS); say("done", "yes");`,
};

function results(variant: string, content: string, holds: Attack["holds"]): Attack {
  return watchingTheLoop({
    id: "protocol.results-file",
    variant,
    programs: writeResults,
    request: {
      files: [{ name: "payload", content }],
      limits: { memoryBytes: 256 << 20, timeoutMs: stretched(20_000) },
    },
    holds,
    control: sameEverywhere,
  });
}

const ranWell = { kind: "exited", code: 0, violations: [], stage: "run" };

export const resultsFile: readonly Attack[] = [
  ...replaceResults.map(
    ([variant, programs]): Attack => ({
      id: "protocol.results-file",
      variant,
      programs,
      holds: ({ execution, report }) =>
        expect([execution.outcome, report, execution.results]).toEqual([ranWell, { replaced: "ok" }, {}]),
      control: sameEverywhere,
    }),
  ),
  results(
    "hostile lines",
    [
      '{"name":"__proto__","value":{"polluted":true}}',
      '{"name":"constructor","value":1}',
      `{"name":"deep","value":${"[".repeat(50_000)}${"]".repeat(50_000)}}`,
      "{",
      `{"name":"${"n".repeat(10_000)}","value":1}`,
      '{"name":"good","value":1}',
    ].join("\n"),
    ({ execution, report }) => {
      expect([execution.outcome, report]).toEqual([ranWell, { done: "yes" }]);
      expect(({} as { polluted?: unknown }).polluted).toBe(undefined);
      expect(execution.results["good"]).toBe(1);
      expect(execution.results["deep"]).toBe(undefined);
    },
  ),
  results("8 MiB of broken lines", "{\n".repeat(4 << 20), ({ execution }) => {
    expect([execution.outcome, execution.results]).toEqual([ranWell, {}]);
    expect(execution.warnings.length).toBeLessThanOrEqual(101);
  }),
  {
    id: "protocol.results-file",
    variant: "a hole of 100 MiB",
    programs: {
      c: 'say("done", said(truncate("/glovebox/results.jsonl", 100 << 20)));',
      bash: 'trial done truncate --size 100M "$GLOVEBOX_RESULTS"',
      javascript: 'trial("done", () => fs.truncateSync(told.GLOVEBOX_RESULTS, 100 << 20));',
    },
    request: { limits: { diskBytes: 128 << 20 } },
    holds: ({ execution, report }) => {
      expect([execution.outcome, report, execution.results]).toEqual([ranWell, { done: "ok" }, {}]);
      expect(execution.warnings).toContain("the file of results has 104857600 bytes; the first 8388608 were read");
    },
    control: sameEverywhere,
  },
];
