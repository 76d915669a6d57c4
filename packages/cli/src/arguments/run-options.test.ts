import { expect, it } from "vitest";
import { type RunFlags, runCommand } from "./run-options.ts";

it("takes options of the compiler as they are, although they begin with '-' as ours do", async () => {
  const seen: [string | undefined, RunFlags][] = [];
  const command = runCommand(async (file, flags) => void seen.push([file, flags]));
  const [separate, joined] = [["--compiler-option", "-O3"], ["--compiler-option=-Wall"]];
  const alike = ["--compiler-option", "--json", "--compiler-option=-DA=b=c,d e"];
  await command.parseAsync([...separate, "main.c", ...joined, ...alike], { from: "user" });
  const [[file, flags] = [undefined, undefined]] = seen;
  expect(file).toBe("main.c");
  expect(flags?.compilerOption).toEqual(["-O3", "-Wall", "--json", "-DA=b=c,d e"]);
  expect(flags?.json).toBeUndefined();
});
