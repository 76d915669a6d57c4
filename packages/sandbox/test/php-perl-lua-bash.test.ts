// Depends on: nothing.
import { describe, expect, it } from "vitest";
import type { ExecutionSpec } from "../src/index.ts";
import { exited } from "./support/outcomes.ts";
import { program, sharedSandboxes, untilPrinted } from "./support/sandboxes.ts";

const sandboxes = sharedSandboxes({ languages: ["php", "perl", "lua", "bash"] });
const run = (spec: ExecutionSpec) => sandboxes().execute(spec).result;

describe("a program in PHP", () => {
  it("has the functions for texts of several bytes", async () => {
    const { stdout, stderr } = await run({
      language: "php",
      code: "<?php echo mb_strlen('Zürich'), mb_substr('aé€', 1);",
    });
    expect({ stdout, stderr }).toEqual({ stdout: "6é€", stderr: "" });
  });

  it("may be inline code without an opening tag, whose lines keep their numbers", async () => {
    const inline = await run({ language: "php", code: program("echo 6 * 7;", "throw new LogicException('x');") });
    expect(inline).toMatchObject({ stdout: "42", outcome: exited(255), error: { type: "LogicException", line: 2 } });
    const first = await run({ language: "php", code: "throw new LogicException('x');" });
    expect(first.error).toMatchObject({ type: "LogicException", line: 1 });
    const files = [{ name: "page.php", content: "echo 1;" }];
    expect((await run({ files, entry: "page.php" })).stdout).toBe("echo 1;");
  });

  it("has its error in the record and once on stderr, wherever it shows errors", async () => {
    for (const [value, shown] of [
      ["0", ""],
      ["1", "Fatal error"],
    ] as const) {
      const code = program("<?php", `ini_set("display_errors", "${value}");`, 'throw new RuntimeException("x");');
      const record = await run({ language: "php", code });
      expect(record.outcome).toEqual(exited(255));
      expect(record.error).toMatchObject({ type: "RuntimeException", message: "x", line: 3 });
      expect(record.stderr.split("Uncaught RuntimeException: x").length).toBe(2);
      expect(record.stdout).toContain(shown);
    }
  });
});

describe("what a program prints", () => {
  it.each([
    ["perl", 'print "a\\n"; print "b"; 1 while 1;', "a\nb"],
    ["lua", 'io.write("a\\n", "b\\n") while true do end', "a\nb\n"],
    ["php", '<?php echo "a\\n", "b"; while (true);', "a\nb"],
    ["bash", "echo a; printf b; while :; do :; done", "a\nb"],
  ])("is there when it is stopped, in %s", async (language, code, stdout) => {
    const going = sandboxes().execute({ language, code });
    await untilPrinted(going, stdout);
    going.cancel();
    const record = await going.result;
    expect([record.outcome.kind, record.stdout]).toEqual(["cancelled", stdout]);
  });
});

describe("what a program dies of", () => {
  it("is in the record for Perl, whatever it is", async () => {
    const text = await run({ language: "perl", code: 'die "cannot open x\\n"' });
    expect(text.error).toMatchObject({ type: "die", message: "cannot open x", line: 1 });
    const data = await run({ language: "perl", code: "die { code => 42 }" });
    expect(data.error).toMatchObject({ type: "die", message: '{"code":42}', line: 1 });
  });

  it("has its frames in all files of a program in Lua", async () => {
    const files = [{ name: "lib/u.lua", content: "return function(x)\n  local y = x * 2\n  return y\nend" }];
    const { error } = await run({ language: "lua", code: 'local twice = require "lib.u"\nprint(twice(nil))', files });
    expect(error).toMatchObject({
      line: 2,
      frames: [
        { file: "main.lua", line: 2 },
        { file: "lib/u.lua", line: 2 },
      ],
    });
  });

  it("is found in a file that a program in Bash sources by a relative name", async () => {
    const files = [{ name: "lib.sh", content: "helper() {\n  local x\n  undefined_command 1\n}\n" }];
    const { error } = await run({ language: "bash", code: "source lib.sh\nhelper", files });
    expect(error).toMatchObject({
      type: "BashError",
      message: "undefined_command: command not found",
      line: 3,
      frames: [{ file: "lib.sh", source: "undefined_command 1" }],
    });
  });
});

describe("a function of Bash that a program exports", () => {
  it("saves results in the shells that it starts", async () => {
    const code = "export -f save_result\nprintf '%s\\n' a b | xargs -P 2 -I{} bash -c 'save_result {} 1'";
    const { results, stderr } = await run({ language: "bash", code });
    expect({ results, stderr }).toEqual({ results: { a: 1, b: 1 }, stderr: "" });
  });
});
