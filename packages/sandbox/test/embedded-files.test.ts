// Depends on: nothing.
import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { stretched } from "./support/host-slowness.ts";
import { program, sharedSandboxes } from "./support/sandboxes.ts";

/* Files that no source is, and that a compiler reads because a source names them. */

const sandboxes = sharedSandboxes({ languages: ["c"] });
/** A language that nobody used before makes its files ahead of time first. */
const patient = { timeout: stretched(120_000) };
/** Makes the programs new to the cache, which outlives them. */
const fresh = `// ${randomUUID()}\n`;

const c = program(
  "#include <stdio.h>",
  "static const int numbers[] = {",
  '#include "numbers.csv"',
  "};",
  'int main(void) { printf("%d\\n", numbers[0] + numbers[1]); }',
);
const programs: Record<string, { language: string; main: string; source: string }> = {
  "an #include": { language: "c", main: "main.c", source: c },
  "an #include of C++": { language: "cpp", main: "main.cpp", source: c },
  "//go:embed": {
    language: "go",
    main: "main.go",
    source: program(
      "package main",
      'import _ "embed"',
      'import "fmt"',
      "//go:embed numbers.csv",
      "var numbers string",
      "func main() {",
      "\tvar one, other int",
      '\tfmt.Sscanf(numbers, "%d,%d", &one, &other)',
      "\tfmt.Println(one + other)",
      "}",
    ),
  },
  "include_str!": {
    language: "rust",
    main: "main.rs",
    source: program(
      'const NUMBERS: &str = include_str!("numbers.csv");',
      "fn main() { println!(\"{}\", NUMBERS.trim().split(',').map(|n| n.parse::<i32>().unwrap()).sum::<i32>()); }",
    ),
  },
};

describe("a file that is compiled in", () => {
  it.each(Object.entries(programs))(
    "by %s is there, and another content of it is another program",
    patient,
    async (_, own) => {
      const { language, main, source } = own;
      const run = (numbers: string) => {
        const files = [
          { name: main, content: fresh + source },
          { name: "numbers.csv", content: numbers },
        ];
        return sandboxes().execute({ language, entry: main, files }).result;
      };
      const first = await run("3,4\n");
      expect([first.stderr, first.stdout, first.compile?.cached]).toEqual(["", "7\n", false]);
      const other = await run("30,40\n");
      expect([other.stdout, other.compile?.cached]).toEqual(["70\n", false]);
      const again = await run("3,4\n");
      expect([again.stdout, again.compile?.cached]).toEqual(["7\n", true]);
    },
  );

  it("is not compiled in where no source says so: other data need no other program", async () => {
    const source = program(
      "#include <stdio.h>",
      'int main(void) { int c; FILE *file = fopen("numbers.csv", "r"); while ((c = getc(file)) != EOF) putchar(c); }',
    );
    const run = (numbers: string) => {
      const files = [
        { name: "main.c", content: fresh + source },
        { name: "numbers.csv", content: numbers },
      ];
      return sandboxes().execute({ language: "c", entry: "main.c", files }).result;
    };
    const first = await run("1\n");
    const other = await run("2\n");
    expect([first.stdout, other.stdout, other.compile?.cached]).toEqual(["1\n", "2\n", true]);
  });
});
