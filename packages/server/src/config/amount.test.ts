import { expect, test } from "vitest";
import { amountRule, amountText, type Measure, parseAmount } from "./amount.ts";

const seconds: Measure = { of: "time", unit: "s" };
const megabytes: Measure = { of: "bytes", unit: "MB" };
const bytes: Measure = { of: "bytes", unit: "bytes" };
const share: Measure = { of: "share", unit: "%" };
const lines: Measure = { of: "count", unit: "lines" };

test.each<[string, Measure, number]>([
  ["10", seconds, 10_000],
  ["0.0015", seconds, 2],
  ["500ms", seconds, 500],
  ["10s", seconds, 10_000],
  ["1.5 M", seconds, 90_000],
  ["2min", seconds, 120_000],
  ["1H", seconds, 3_600_000],
  ["10", { of: "time", unit: "ms" }, 10],
  ["512", megabytes, 536_870_912],
  ["512MB", megabytes, 536_870_912],
  ["512mib", megabytes, 536_870_912],
  ["1g", megabytes, 1_073_741_824],
  ["0.5GiB", megabytes, 536_870_912],
  ["64K", megabytes, 65_536],
  ["100b", megabytes, 100],
  ["100", bytes, 100],
  ["1 KB", bytes, 1_024],
  ["50", share, 50],
  ["50%", share, 50],
  ["7", lines, 7],
  ["999999999999999h", seconds, Number.MAX_SAFE_INTEGER],
])("%j in %j is %d", (text, measure, amount) => {
  expect(parseAmount(text, measure)).toBe(amount);
});

test.each<[string, Measure]>([
  ["", seconds],
  ["soon", seconds],
  ["-1", seconds],
  ["+1", seconds],
  ["1e3", seconds],
  ["1,5", seconds],
  ["10 MB", seconds],
  ["10 constructor", seconds],
  ["s", seconds],
  ["10s", megabytes],
  ["5%", megabytes],
  ["1.5", lines],
  ["7lines", lines],
  ["0x10", bytes],
  ["10 s", share],
])("%j is no amount in %j", (text, measure) => {
  expect(parseAmount(text, measure)).toBeUndefined();
});

test("the rule says the units and what a number alone is", () => {
  expect([seconds, megabytes, share, lines].map(amountRule)).toEqual([
    "a time such as 500ms, 10s, 2m or 1h (a number alone is in s)",
    "a size such as 64KB, 512MB or 1.5GB (a number alone is in MB)",
    "a share such as 50% (a number alone is in %)",
    "a whole number",
  ]);
});

test("an amount is told in its unit, or in a smaller one that says it exactly", () => {
  expect([
    amountText(1, seconds),
    amountText(1_500, seconds),
    amountText(104_857_600, megabytes),
    amountText(65_536, megabytes),
    amountText(65_537, megabytes),
    amountText(4_194_304, bytes),
    amountText(100, share),
    amountText(64, { of: "count", unit: "" }),
    amountText(5, lines),
  ]).toEqual(["0.001 s", "1.5 s", "100 MB", "64 KB", "64.001 KB", "4194304 bytes", "100 %", "64", "5 lines"]);
});
