import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, vi } from "vitest";
import { type AttackGround, openGround } from "../support/attack-ground.ts";
import { proves } from "../support/attack-proof.ts";
import { borrowLanguage } from "../support/borrowed-language.ts";
import { processesWith } from "../support/host-processes.ts";
import { eventually, stretched } from "../support/host-slowness.ts";

/*
 * Attacks by the limits of the compiler on runs of the same source that keep the default ones. In the language of the
 * shell the source says what the compiler does; the real compilers are those whose scripts have steps to be refused.
 */

const { name: shell } = borrowLanguage();
const folder = mkdtempSync(join(tmpdir(), "limits-"));
let ground: AttackGround;
vi.setConfig({ testTimeout: stretched(120_000) }); // twelve compilers at once
beforeAll(async () => {
  ground = await openGround({ languages: ["python", "c", "cpp", shell], leaseTimeoutMs: stretched(60_000) });
});
afterAll(async () => {
  await ground?.close();
  rmSync(folder, { recursive: true, force: true });
});

const MIB = 1024 * 1024;

/** A program whose second file is a check, without which it does something else. */
const guarded = (language: "c" | "cpp") => ({
  language,
  entry: `main.${language}`,
  files: [
    {
      name: `main.${language}`,
      content: `#include <stdio.h>\n// ${randomUUID()}\n__attribute__((weak)) int allowed(void) { return 1; }\nint main(void) { printf("%d\\n", allowed()); }\n`,
    },
    { name: `policy.${language}`, content: "int allowed(void) { return 0; }\n" },
  ],
});

describe("limits of the compiler", () => {
  proves("compile.own-limits", "products, by what the compiler is told of its limits", async () => {
    const code = `# ${randomUUID()}\n[ $GLOVEBOX_MEMORY_BYTES = ${64 * MIB} ] && word=evil || word=good\necho "echo $word" >/glovebox/product/program\n`;
    const spec = { language: shell, code };
    const attack = await ground.attack({ ...spec, compileLimits: { memoryBytes: 64 * MIB } });
    expect([attack.execution.stdout, attack.execution.compile?.cached]).toEqual(["evil\n", false]);
    for (const cached of [false, true]) {
      const { execution } = await ground.attack(spec);
      expect([execution.stdout, execution.compile?.cached]).toEqual(["good\n", cached]);
    }
    // What the attacker made is kept, for those who ask for the same.
    const again = await ground.attack({ ...spec, compileLimits: { memoryBytes: 64 * MIB } });
    expect([again.execution.stdout, again.execution.compile?.cached]).toEqual(["evil\n", true]);
  });

  proves("compile.own-limits", "time, by a compiler that others would wait for", async () => {
    const mark = `54331.${process.pid}`;
    const code = `# ${randomUUID()}\n[ $GLOVEBOX_MEMORY_BYTES != ${64 * MIB} ] || sleep ${mark}\necho 'echo done' >/glovebox/product/program\n`;
    const spec = { language: shell, code };
    const slow = { ...spec, compileLimits: { memoryBytes: 64 * MIB, timeoutMs: stretched(300_000) } };
    const compiling = () => processesWith(`sleep\0${mark}`).length;
    const attack = ground.sandboxes.execute(slow);
    await eventually("the attacker's compiler is under way", () => compiling() === 1 || undefined);
    const same = ground.sandboxes.execute(slow);
    const { stdout, compile } = await ground.sandboxes.execute(spec).result;
    expect([stdout, compile?.cached]).toEqual(["done\n", false]);
    // The attacker's has not ended, and who asks for the same limits waits for it.
    expect(compiling()).toBe(1);
    same.cancel();
    attack.cancel();
    expect((await attack.result).outcome).toMatchObject({ kind: "cancelled", stage: "compile" });
    expect((await same.result).outcome.kind).toBe("cancelled");
  });

  for (const language of ["c", "cpp"] as const) {
    proves("compile.whole-program", `in ${language}, with any number of processes`, async () => {
      // The compiler tries again for 15 seconds when it is refused a process.
      const few = [1, 2, 3, 4, 5, 6].map((processes) => ({ processes, timeoutMs: stretched(4_000) }));
      const ends = few.map(async (compileLimits) => {
        const spec = guarded(language);
        const attack = await ground.sandboxes.execute({ ...spec, compileLimits }).result;
        const victim = await ground.sandboxes.execute(spec).result;
        const { outcome, stdout } = attack;
        return [outcome.stage === "compile" ? "no program" : stdout, victim.stdout, victim.compile?.cached];
      });
      for (const [index, [attack, ...victim]] of (await Promise.all(ends)).entries()) {
        expect([index + 1, attack]).toEqual([index + 1, expect.stringMatching(/^no program$|^0\n$/)]);
        expect([index + 1, ...victim]).toEqual([index + 1, "0\n", false]);
      }
    });
  }

  proves("compile.whole-program", "control: the first file alone is a program too", async () => {
    const [main] = guarded("c").files;
    writeFileSync(join(folder, "main.c"), main?.content ?? "");
    const alone = ["sh", "-c", `gcc ${join(folder, "main.c")} -o ${join(folder, "alone")} && ${join(folder, "alone")}`];
    expect((await ground.canaries.run(alone)).stdout).toBe("1\n");
  });
});
