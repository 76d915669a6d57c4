import { expect } from "vitest";
import type { Attack } from "../theme.ts";
import { onlyReal, ran } from "./collected.ts";

export const amounts: readonly Attack[] = [
  {
    id: "artifacts.sparse",
    programs: {
      c: String.raw`
  for (int number = 0; number < 100; number++) {
    char name[32];
    snprintf(name, sizeof name, "hole-%03d", number);
    int file = open(name, O_WRONLY | O_CREAT, 0600);
    if (ftruncate(file, 1 << 23) != 0) return 1;
    close(file);
  }
`,
      bash: "truncate --size 8M hole-{000..099}",
      javascript: String.raw`
for (let number = 0; number < 100; number++) {
  const name = "hole-" + String(number).padStart(3, "0");
  fs.closeSync(fs.openSync(name, "w"));
  fs.truncateSync(name, 1 << 23);
}
`,
    },
    request: { limits: { diskBytes: 1 << 23 } },
    holds: ({ execution }) => {
      // All of them together may come out as large as the disk limit, and no larger.
      expect(execution.artifacts.map(({ path, size }) => [path, size])).toEqual([["hole-000", 1 << 23]]);
      expect(execution.outcome).toEqual(ran);
    },
    control: onlyReal,
  },
  {
    id: "artifacts.holes",
    programs: {
      c: String.raw`
  int file = open("huge", O_WRONLY | O_CREAT, 0600);
  if (ftruncate(file, 200 << 20) != 0) return 1;
  put("kept", "x");
`,
      bash: "truncate --size 200M huge; printf x >kept",
      javascript: String.raw`
fs.closeSync(fs.openSync("huge", "w"));
fs.truncateSync("huge", 200 << 20);
fs.writeFileSync("kept", "x");
`,
    },
    request: { limits: { diskBytes: 1 << 28 } },
    holds: ({ execution }) => {
      expect(execution.artifacts.map(({ path }) => path)).toEqual(["kept"]);
      expect(execution.outcome).toEqual(ran);
    },
    control: onlyReal,
  },
  {
    id: "artifacts.many",
    programs: {
      c: String.raw`
  for (int number = 0; number < amount; number++) {
    char name[32];
    snprintf(name, sizeof name, "file-%05d", number);
    close(open(name, O_WRONLY | O_CREAT, 0600));
  }
`,
      bash: 'for ((number = 0; number < amount; number++)); do : >"file-$number"; done',
      javascript: 'for (let number = 0; number < amount; number++) fs.writeFileSync("file-" + number, "");',
    },
    amount: 2_000,
    holds: ({ execution }) => {
      expect([execution.outcome, execution.artifacts.length]).toEqual([ran, 1_000]);
      expect(execution.warnings.length).toBeLessThanOrEqual(101);
    },
    control: onlyReal,
  },
];
