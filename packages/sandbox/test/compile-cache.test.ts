// Depends on: nothing.
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { ExecutionSpec } from "../src/index.ts";
import { c, cSandboxes, says, sleeper, withCache } from "./support/c-programs.ts";
import { patience, stretched } from "./support/host-slowness.ts";
import { untilPrinted, using } from "./support/sandboxes.ts";
import { sha256 } from "./support/sha256.ts";

const { folder, run } = cSandboxes();

describe("a program that was compiled before", () => {
  it("is not compiled again: not with other arguments, data, limits, not under another form", async () => {
    const code = says("once");
    const first = await run(c(code));
    const others = await Promise.all([
      run(c(code)),
      run(c(code, { args: ["a"], stdin: "x", env: { A: "b" }, parameters: { p: 1 }, data: [1] })),
      run(c(code, { limits: { timeoutMs: 9_000 } })),
      run(c(code, { files: [{ name: "data.csv", content: "1" }] })),
      run({ files: [{ name: "main.c", content: code }], entry: "main.c" }),
    ]);
    expect(others.map(({ stdout, compile }) => [stdout, compile?.cached])).toEqual(others.map(() => ["once\n", true]));
    for (const { compile } of others) expect(compile).toEqual({ ...first.compile, cached: true });
  });

  it("is compiled again when its source, a header or its name is another", async () => {
    const header = (value: number) => ({ name: "value.h", content: `#define VALUE ${value}\n` });
    const code = '#include "value.h"\nint main(void) { return VALUE; }\n';
    const ends = async (spec: ExecutionSpec) => {
      const { outcome, compile } = await run({ language: "c", ...spec });
      return [outcome.kind === "exited" && outcome.code, compile?.cached];
    };
    expect(await ends({ code, files: [header(4)] })).toEqual([4, false]);
    expect(await ends({ code, files: [header(5)] })).toEqual([5, false]);
    expect(await ends({ code, files: [header(4)] })).toEqual([4, true]);
    expect(await ends({ code: `${code}\n`, files: [header(4)] })).toEqual([4, false]);
    const renamed = { entry: "other.c", files: [header(4), { name: "other.c", content: code }] };
    expect(await ends(renamed)).toEqual([4, false]);
  });

  it("is compiled once for all that ask at the same time, and all of them run", async () => {
    const spec = c(says("together"));
    const all = await Promise.all(Array.from({ length: 6 }, (_, index) => run({ ...spec, args: [`${index}`] })));
    expect(all.map(({ stdout }) => stdout)).toEqual(all.map(() => "together\n"));
    expect(all.map(({ compile }) => compile?.cached).sort()).toEqual([false, true, true, true, true, true]);
  });

  it("is not compiled again by the next instance with the same folder, and is by one with another", async () => {
    const [same, other] = [join(folder(), "same"), join(folder(), "other")];
    const spec = c(says("survives"), { compileLimits: { timeoutMs: 50_000 } });
    const of = (cacheDir: string) => using(withCache(cacheDir), (own) => own.execute(spec).result);
    const [first, second, third] = [await of(same), await of(same), await of(other)];
    expect([first, second, third].map(({ compile }) => compile?.cached)).toEqual([false, true, false]);
    expect([first, second, third].map(({ stdout }) => stdout)).toEqual(["survives\n", "survives\n", "survives\n"]);
    expect(second.compile).toEqual({ ...first.compile, cached: true });
  });

  it("has the product of the content that its key stands for, though its file is changed while it waits", async () => {
    const path = join(folder(), "changing.c");
    const text = (word: string) => `${"/* a comment */\n".repeat(80_000)}${says(word)}`;
    const files = [{ name: "main.c", path }];
    await using({ concurrency: 1, languages: ["c"], cacheDir: join(folder(), "changing") }, async (own) => {
      const blocker = own.execute(c(sleeper));
      await untilPrinted(blocker, "ready\n");
      writeFileSync(path, text("before"));
      const waiting = own.execute({ files, entry: "main.c" });
      await expect.poll(() => own.stats().waiting, patience).toBe(1);
      writeFileSync(path, text("after!"));
      blocker.cancel();
      await waiting.result;
      writeFileSync(path, text("before"));
      expect((await own.execute({ files, entry: "main.c" }).result).stdout).toBe("before\n");
      writeFileSync(path, text("after!"));
      expect((await own.execute({ files, entry: "main.c" }).result).stdout).toBe("after!\n");
    });
  });
});

describe("a product on disk that somebody changed", () => {
  const entries = (cacheDir: string) => readdirSync(join(cacheDir, "compiled")).sort();

  /** Compiles two programs; gives the place of each one's entry and what an instance makes of the first one then. */
  async function twoEntries(cacheDir: string) {
    const [mine, others] = [c(says("mine")), c(says("evil"))];
    const places = await using(withCache(cacheDir), async (own) => {
      expect((await own.execute(mine).result).stdout).toBe("mine\n");
      const [name = ""] = entries(cacheDir);
      expect((await own.execute(others).result).stdout).toBe("evil\n");
      const other = entries(cacheDir).find((each) => each !== name) ?? "";
      return [join(cacheDir, "compiled", name), join(cacheDir, "compiled", other)] as const;
    });
    const again = async () => {
      const { stdout, compile } = await using(withCache(cacheDir), (own) => own.execute(mine).result);
      return [stdout, compile?.cached];
    };
    return { places, again };
  }

  const split = (content: Buffer) => {
    const code = content.indexOf("\n") + 1;
    const header = content.indexOf("\n", code) + 1;
    return [content.subarray(0, code), content.subarray(code, header), content.subarray(header)] as const;
  };

  it("is never run: it is compiled anew, and the entry is good again", { timeout: stretched(120_000) }, async () => {
    const { places, again } = await twoEntries(join(folder(), "poisoned"));
    const [place, otherPlace] = places;
    expect(await again()).toEqual(["mine\n", true]); // control: as it was put it is used
    const [good, evil] = [readFileSync(place), readFileSync(otherPlace)];
    const [code, header, body] = split(good);
    const [, evilHeader, evilBody] = split(evil);
    expect(evilBody.length).toBe(body.length);
    const inMiddle = code.length + header.length + Math.floor(body.length / 2);
    const hash = sha256(Buffer.concat([header, evilBody]));
    const poisons: Record<string, Buffer> = {
      "the program of another entry": Buffer.concat([code, header, evilBody]),
      "the whole of another entry": evil,
      "all of another entry but the code": Buffer.concat([code, evilHeader, evilBody]),
      "another program with a plain hash as code": Buffer.concat([Buffer.from(`${hash}\n`), header, evilBody]),
      "one bit of the program": Buffer.from(good.map((byte, index) => (index === inMiddle ? byte ^ 1 : byte))),
      "half of the program": good.subarray(0, inMiddle),
    };
    for (const [what, content] of Object.entries(poisons)) {
      writeFileSync(place, content);
      expect([what, ...(await again())]).toEqual([what, "mine\n", false]);
      expect([what, ...(await again())]).toEqual([what, "mine\n", true]);
    }
    renameSync(otherPlace, place);
    expect(await again()).toEqual(["mine\n", false]);
    expect(existsSync(otherPlace)).toBe(false);
  });

  it("changes nothing for an instance that has it at hand", async () => {
    const cacheDir = join(folder(), "at-hand");
    await using(withCache(cacheDir), async (own) => {
      const spec = c(says("at hand"));
      await own.execute(spec).result;
      for (const name of entries(cacheDir)) writeFileSync(join(cacheDir, "compiled", name), "changed");
      const { stdout, compile } = await own.execute(spec).result;
      expect([stdout, compile?.cached]).toEqual(["at hand\n", true]);
    });
  });
});
