import { randomUUID } from "node:crypto";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { type AttackGround, openGround } from "../support/attack-ground.ts";
import { proves } from "../support/attack-proof.ts";
import { problemOf } from "../support/sandboxes.ts";

/*
 * Attacks by options of the compiler. As controls the same options are given to the bare compiler, by a command like
 * that of the script.
 */

const folder = mkdtempSync(join(tmpdir(), "options-"));
let ground: AttackGround;
beforeAll(async () => {
  ground = await openGround({ languages: ["python", "c"] });
});
afterAll(async () => {
  await ground?.close();
  rmSync(folder, { recursive: true, force: true });
});

const code = () => `// ${randomUUID()}\nint main(void) { return 0; }\n`;

describe("options of the compiler", () => {
  proves("compile.options", "those that read, write or run something else", async () => {
    const { canaries, sandboxes } = ground;
    const [ran, written, script, words] = ["ran", "written", "script", "words"].map((name) => join(folder, name));
    writeFileSync(script ?? "", `#!/bin/sh\n: >'${ran}'\nexec "$@"\n`);
    chmodSync(script ?? "", 0o755);
    writeFileSync(words ?? "", `-include ${canaries.target.file}\n`);
    const attacks: (readonly [options: string[], worked: (output: string) => boolean])[] = [
      [["-include", String(canaries.target.file)], (output) => canaries.secrets.some((word) => output.includes(word))],
      [[`@${words}`], (output) => canaries.secrets.some((word) => output.includes(word))],
      [["-wrapper", String(script)], () => existsSync(String(ran))],
      [["-o", String(written)], () => existsSync(String(written))],
      [[`-Wl,-Map=${written}`], () => existsSync(String(written))],
      [[`-Wp,-MMD,${written}`], () => existsSync(String(written))],
      [["-fcallgraph-info", `-dumpdir`, `${written}-`], () => existsSync(`${written}-main.ci`)],
    ];
    const { started } = sandboxes.stats();
    writeFileSync(join(folder, "main.c"), code());
    for (const [options, worked] of attacks) {
      for (const path of [ran, written]) rmSync(String(path), { force: true });
      const problem = await problemOf(
        sandboxes.execute({ language: "c", code: code(), compilerOptions: options }).result,
      );
      expect([options, problem.code, problem.errors[0]?.field]).toEqual([
        options,
        "invalid-request",
        "compilerOptions[0]",
      ]);
      expect([options, worked(JSON.stringify(problem))]).toEqual([options, false]);
      const bare = ["gcc", "-O2", "-x", "c", "main.c", "-o", join(folder, "program"), ...options];
      const { stdout } = await canaries.run(bare, {}, folder);
      expect([options, worked(stdout)]).toEqual([options, true]);
    }
    expect(sandboxes.stats()).toMatchObject({ started, running: 0, waiting: 0 });
  });

  proves("compile.options", "words in the value of one that is allowed", async () => {
    const mark = join(folder, "evaluated");
    const text = `a  b' -o x; : >${mark}; $(: >${mark}) * @/etc/passwd -include /etc/passwd`;
    const program = "#include <stdio.h>\nint main(void) { puts(TEXT); return 0; }\n";
    const options = [`-DTEXT="${text}"`];
    const { execution } = await ground.attack({
      language: "c",
      code: `// ${randomUUID()}\n${program}`,
      compilerOptions: options,
    });
    expect([execution.stdout, execution.stderr, execution.artifacts]).toEqual([`${text}\n`, "", []]);
    // A script that put its words together and read them again would do what they say.
    await ground.canaries.run(["/bin/sh", "-c", `eval "gcc $*"`, "sh", ...options], {}, folder);
    expect(readFileSync(mark, "utf8")).toBe("");
  });

  proves("compile.options", "what another run of the same source gets", async () => {
    const program =
      '#include <stdio.h>\n#ifndef WORD\n#define WORD "good"\n#endif\nint main(void) { puts(WORD); return 0; }\n';
    const spec = { language: "c", code: `// ${randomUUID()}\n${program}` };
    const attack = await ground.attack({ ...spec, compilerOptions: ['-DWORD="evil"'] });
    expect([attack.execution.stdout, attack.execution.compile?.cached]).toEqual(["evil\n", false]);
    for (const cached of [false, true]) {
      const { execution } = await ground.attack(spec);
      expect([execution.stdout, execution.compile?.cached]).toEqual(["good\n", cached]);
    }
    const again = await ground.attack({ ...spec, compilerOptions: ['-DWORD="evil"'] });
    expect([again.execution.stdout, again.execution.compile?.cached]).toEqual(["evil\n", true]);
  });
});
