/** What every target promises, over programs that run nothing. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HostRequest } from "@glovebox/protocol";
import { ProblemError } from "@glovebox/protocol";
import { type FakeProgram, type FakePrograms, refusing } from "@glovebox/server/testing";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { CancelledEarly, type Target, type TargetIo } from "../../src/target/target.ts";
import { patience } from "./patience.ts";

/** Makes a target whose programs are these, and gives them with it. */
export type MakeTarget = (program: FakeProgram) => Promise<{ target: Target; programs: FakePrograms }>;

const code: HostRequest = { code: "1", language: "python" };
const bytes = (text: string) => new TextEncoder().encode(text);
const silent: FakeProgram = function* () {};

const untilCancelled: FakeProgram = async function* (_program, cancelled) {
  yield { type: "stdout", data: bytes("ready") };
  await cancelled;
};

export function targetSuite(name: string, make: MakeTarget): void {
  async function open(program: FakeProgram) {
    const made = await make(program);
    onTestFinished(() => made.target.close());
    return made;
  }

  /** A run to its end, and the output that came as it went. */
  async function perform(program: FakeProgram, request = code, io: Omit<TargetIo, "output"> = {}) {
    const { target, programs } = await open(program);
    const output: string[] = [];
    const take: TargetIo["output"] = (stream, data) => void output.push(`${stream} ${Buffer.from(data)}`);
    const end = await target.run(request, { ...io, output: take }).end;
    return { ...end, output: output.join("\n"), calls: programs.calls };
  }

  describe(name, () => {
    test("output is passed on as it comes, and the end has the record", async () => {
      const { output, execution, written, notWritten } = await perform(function* () {
        yield { type: "stdout", data: bytes("one\n") };
        yield { type: "stderr", data: Uint8Array.from([0xc3]) };
        yield { type: "stderr", data: Uint8Array.from([0xa9]) };
        return { outcome: { kind: "exited", code: 3, stage: "run", violations: [] }, results: { n: 1 } };
      });
      expect(output).toBe("stdout one\n\nstderr \u00e9");
      expect(execution).toMatchObject({ status: "finished", stdout: "", outcome: { code: 3 }, results: { n: 1 } });
      expect([written, notWritten]).toEqual([[], []]);
    });

    test("bytes that are no text come as they are, without a warning", async () => {
      const { target } = await open(function* () {
        yield { type: "stdout", data: Uint8Array.from([0, 0xff, 0x80]) };
      });
      const pieces: Uint8Array[] = [];
      const end = await target.run(code, { output: (_stream, data) => void pieces.push(data) }).end;
      expect([...Buffer.concat(pieces)]).toEqual([0, 0xff, 0x80]);
      expect(end.execution.warnings).toEqual([]);
    });

    test("without a taker the record has the output", async () => {
      const { target } = await open(function* () {
        yield { type: "stdout", data: bytes("out") };
        yield { type: "stderr", data: bytes("err") };
      });
      const { execution } = await target.run(code, {}).end;
      expect(execution).toMatchObject({ stdout: "out", stderr: "err" });
    });

    test("output that is taken slowly is all taken before the end", async () => {
      const { target } = await open(function* () {
        for (const text of ["a", "b", "c"]) yield { type: "stdout", data: bytes(text) };
      });
      const taken: string[] = [];
      const output: TargetIo["output"] = async (_stream, data) => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        taken.push(Buffer.from(data).toString());
      };
      await target.run(code, { output }).end;
      expect(taken.join("")).toBe("abc");
    });

    test("warnings of the caller stand first, then that of standard input, then those of the run", async () => {
      const stdin = async () => ({ bytes: bytes("in"), warning: "stdin" });
      const { execution, calls } = await perform(() => warning("run"), code, { warnings: ["caller"], stdin });
      expect(execution.warnings).toEqual(["caller", "stdin", "run"]);
      expect(Buffer.from(calls[0]?.program.stdin as Uint8Array).toString()).toBe("in");
    });

    test("files and standard input of the host go by path and come as content", async () => {
      const folder = await mkdtemp(join(tmpdir(), "glovebox-target-"));
      onTestFinished(() => rm(folder, { recursive: true }));
      const path = join(folder, "x");
      await writeFile(path, Uint8Array.from([0xff, 10]));
      const request: HostRequest = {
        language: "python",
        entry: "a/b",
        files: [{ name: "a/b", path }],
        stdin: { path },
      };
      const { calls } = await perform(silent, request);
      const [program] = calls.map((call) => call.program);
      const [file] = program?.files ?? [];
      expect(file?.name).toBe("a/b");
      expect(file !== undefined && "content" in file && [...Buffer.from(file.content)]).toEqual([0xff, 10]);
      expect(Buffer.from(program?.stdin as Uint8Array)).toEqual(Buffer.from([0xff, 10]));
    });

    test("the program's files are written to the folder, with their folders", async () => {
      const outFolder = await mkdtemp(join(tmpdir(), "glovebox-target-"));
      onTestFinished(() => rm(outFolder, { recursive: true }));
      const { written, notWritten } = await perform(
        function* () {
          yield { type: "artifact", path: "a.bin", content: Uint8Array.from([0, 0xff]) };
          yield { type: "artifact", path: "deep/er/b #1.txt", content: bytes("b") };
          yield { type: "artifact", path: "empty", content: bytes("") };
        },
        code,
        { outFolder },
      );
      expect([written, notWritten]).toEqual([["a.bin", "deep/er/b #1.txt", "empty"], []]);
      expect(await readFile(join(outFolder, "a.bin"))).toEqual(Buffer.from([0, 0xff]));
      expect(await readFile(join(outFolder, "deep/er/b #1.txt"), "utf8")).toBe("b");
      expect(await readFile(join(outFolder, "empty"), "utf8")).toBe("");
    });

    test("a cancel reaches the program with its grace, and one without it after that", async () => {
      const { target, programs } = await open(untilCancelled);
      const taken: Uint8Array[] = [];
      const run = target.run(code, { output: (_stream, data) => void taken.push(data) });
      await vi.waitFor(() => expect(taken).toHaveLength(1), patience);
      run.cancel({ graceMs: 500 });
      run.cancel();
      expect((await run.end).execution.outcome.kind).toBe("cancelled");
      const [call] = programs.calls;
      expect(call?.cancels[0]).toEqual({ graceMs: 500 });
    });

    test("a cancel while standard input is awaited ends the run before it began", async () => {
      const { target, programs } = await open(silent);
      let asked = false;
      const stdin = () => {
        asked = true;
        return new Promise<never>(() => {});
      };
      const run = target.run(code, { stdin });
      await vi.waitFor(() => expect(asked).toBe(true), patience);
      run.cancel({ graceMs: 500 });
      await expect(run.end).rejects.toBeInstanceOf(CancelledEarly);
      expect(programs.calls).toEqual([]);
    });

    test("what is wrong with standard input is the end", async () => {
      const { target } = await open(silent);
      const stdin = () => Promise.reject(new ProblemError("payload-too-large", "too much"));
      await expect(target.run(code, { stdin }).end).rejects.toMatchObject({ code: "payload-too-large" });
    });

    test("a run that cannot start is its problem", async () => {
      const { target } = await open(refusing(new ProblemError("sandbox-busy", "no sandbox became free")));
      const problem = { code: "sandbox-busy", message: "no sandbox became free" };
      await expect(target.run(code, { output: () => {} }).end).rejects.toMatchObject(problem);
      await expect(target.run(code, {}).end).rejects.toMatchObject(problem);
    });

    test("a limit over the ceiling and an unknown language are told by field, and nothing runs", async () => {
      const { target, programs } = await open(silent);
      const much = target.run({ ...code, limits: { timeoutMs: 9_999_999_999 } }, {});
      await expect(much.end).rejects.toMatchObject({
        code: "limit-over-ceiling",
        errors: [{ field: "limits.timeoutMs", message: expect.stringMatching(/3600/) }],
      });
      const unknown = target.run({ ...code, language: "klingon" }, {});
      await expect(unknown.end).rejects.toMatchObject({ code: "unknown-language" });
      expect(programs.calls).toEqual([]);
    });

    test("languages are listed, and an unknown one is told", async () => {
      const { target } = await open(silent);
      const [python] = await target.languages({ names: ["python"] });
      expect(python).toMatchObject({ name: "python", title: "Python" });
      expect((await target.languages({})).map((language) => language.name)).toContain("lua");
      await expect(target.languages({ names: ["klingon"] })).rejects.toMatchObject({ code: "unknown-language" });
    });

    test("what programs can load is listed when it is asked for", async () => {
      const { target } = await open(silent);
      const [lua] = await target.languages({ names: ["lua"], packages: true });
      expect(lua).toMatchObject({ name: "lua", packages: expect.anything() });
    });

    test("the language of an interpreter is found by name, with or without a version, and those known are named", async () => {
      const { target } = await open(silent);
      expect(await target.languageOfInterpreter("python3.11")).toMatchObject({ language: "python" });
      expect(await target.languageOfInterpreter("lua")).toMatchObject({ language: "lua" });
      const { language, known } = await target.languageOfInterpreter("fish");
      expect(language).toBeUndefined();
      expect(known).toEqual(expect.arrayContaining(["lua", "python"]));
    });

    test("a target can be closed without a run", async () => {
      const { target } = await make(silent);
      await target.close();
    });
  });
}

/** A program that does nothing but leave a warning. */
// biome-ignore lint/correctness/useYield: it has no events
function* warning(text: string) {
  return { warnings: [text] };
}
