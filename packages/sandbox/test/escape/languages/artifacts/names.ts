import { expect } from "vitest";
import type { Attack } from "../theme.ts";
import { onlyReal, paths, ran } from "./collected.ts";

export const names: readonly Attack[] = [
  {
    id: "artifacts.names",
    programs: {
      c: String.raw`
  static const char *names[] = {"new\nline", "bell\a", "escape\033[2J", "not-utf8-\377\376", "right\342\200\256left",
    "...", "..\\..\\windows", " ", "-rf", "__proto__", "%2e%2e", "constructor"};
  for (unsigned index = 0; index < sizeof names / sizeof *names; index++) put(names[index], "x");
`,
      bash: String.raw`
for name in $'new\nline' $'bell\a' $'escape\e[2J' $'not-utf8-\377\376' $'right\u202eleft' \
  ... '..\..\windows' ' ' -rf __proto__ %2e%2e constructor; do printf x >"./$name"; done
`,
      javascript: String.raw`
const names = ["new\nline", "bell\x07", "escape\x1b[2J", "right\u202eleft", "...", "..\\..\\windows", " ", "-rf", "__proto__",
  "%2e%2e", "constructor"];
for (const name of names) fs.writeFileSync(name, "x");
fs.writeFileSync(Buffer.from("not-utf8-\xff\xfe", "latin1"), "x");
`,
    },
    holds: ({ execution }) => {
      const good = ["...", "..\\..\\windows", " ", "-rf", "__proto__", "%2e%2e", "constructor"];
      expect([execution.outcome, paths(execution).sort()]).toEqual([ran, good.sort()]);
      expect(execution.warnings.filter((line) => line.includes("cannot be printed"))).toHaveLength(5);
      for (const line of execution.warnings) expect(/\p{C}/u.test(line)).toBe(false);
    },
    control: onlyReal,
  },
  {
    id: "artifacts.deep-trees",
    programs: {
      c: String.raw`
  long depth = 0;
  while (depth < amount && mkdir("d", 0755) == 0 && chdir("d") == 0) depth++;
  put("bottom", "x");
  put("/workspace/top", "x");
  say_number("depth", depth);
`,
      bash: String.raw`
depth=0
while ((depth < amount)) && mkdir d && cd -P d; do ((++depth)); done 2>/dev/null
printf x >bottom
printf x >/workspace/top
printf '{"depth":%d}\n' "$depth"
`,
      javascript: String.raw`
let depth = 0;
try {
  for (; depth < amount; depth++) {
    fs.mkdirSync("d");
    process.chdir("d");
  }
} catch {}
outcome(() => fs.writeFileSync("bottom", "x"));
fs.writeFileSync("/workspace/top", "x");
say("depth", depth);
`,
    },
    amount: 150,
    holds: ({ execution, report }) => {
      expect([execution.outcome, paths(execution)]).toEqual([ran, ["top"]]);
      expect(Number(report.depth)).toBeGreaterThan(100);
    },
    control: onlyReal,
  },
  {
    id: "artifacts.long-paths",
    programs: {
      c: String.raw`
  memset(room, 'p', 250);
  room[250] = 0;
  for (int part = 0; part < 5; part++) {
    mkdir(room, 0755);
    if (chdir(room) != 0) return 1;
    put("here", "x");
  }
`,
      bash: String.raw`
printf -v name '%250s' ''
name=${"$"}{name// /p}
for part in 1 2 3 4 5; do mkdir "$name"; cd -P "$name"; printf x >here; done
`,
      javascript: String.raw`
for (let part = 0; part < 5; part++) {
  fs.mkdirSync("p".repeat(250));
  process.chdir("p".repeat(250));
  fs.writeFileSync("here", "x");
}
`,
    },
    holds: ({ execution }) => {
      expect([execution.outcome, paths(execution).map((path) => path.length)]).toEqual([ran, [255]]);
      expect(execution.warnings.filter((line) => line.includes("more than 500 characters"))).toHaveLength(4);
    },
    control: onlyReal,
  },
];
