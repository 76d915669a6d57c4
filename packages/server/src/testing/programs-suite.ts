import { createHash } from "node:crypto";
import type { Artifact, ArtifactSink, ProgramEvent, Programs } from "@glovebox/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { FakeProgram } from "./fake-programs.ts";

export interface OpenPrograms extends Programs {
  close(): Promise<void>;
}

/** The programs of the suite in Python, each with what a fake does in its place. */
const programs = {
  "import sys; print('one', flush=True); print('two', file=sys.stderr); sys.exit(3)": function* () {
    yield { type: "stdout", data: Buffer.from("one\n") };
    yield { type: "stderr", data: Buffer.from("two\n") };
    return { outcome: { kind: "exited", code: 3, stage: "run", violations: [] } };
  },
  "import sys\nfor _ in range(400): sys.stdout.write('x' * 65536)": function* () {
    for (let index = 0; index < 400; index++) yield { type: "stdout", data: Buffer.alloc(65_536, "x") };
  },
  "import time; print('there', flush=True); time.sleep(60)": async function* (_program, cancelled) {
    yield { type: "stdout", data: Buffer.from("there\n") };
    await cancelled;
  },
  "open('a.txt', 'w').write('0123456789'); open('b.txt', 'w').write('b')": function* () {
    yield { type: "artifact", path: "a.txt", content: Buffer.from("0123456789") };
    yield { type: "artifact", path: "b.txt", content: Buffer.from("b") };
  },
} satisfies Record<string, FakeProgram>;
const [exits, floods, sleeps, writes] = Object.keys(programs) as [string, string, string, string];

/** The fake of each program of the suite. */
export const suitePrograms: FakeProgram = (program, cancelled) => {
  const fakes: Readonly<Record<string, FakeProgram>> = programs;
  const fake = fakes[program.code ?? ""];
  if (fake === undefined) throw new Error("the suite has no such program");
  return fake(program, cancelled);
};

const artifactOf = (path: string, content: string): Artifact => ({
  ...{ path, size: content.length, sha256: createHash("sha256").update(content).digest("hex") },
});

/** A sink that takes what `wants` says, and writes down what it is told. */
function recordingSink(wants: (path: string) => boolean) {
  const told: string[] = [];
  const sink: ArtifactSink = {
    begin(path) {
      told.push(`begin ${path}`);
      return wants(path);
    },
    async write(chunk) {
      const content = Buffer.from(chunk).toString();
      await new Promise((resolve) => setImmediate(resolve));
      told.push(content);
    },
    end: ({ path }) => void told.push(`end ${path}`),
    close: () => void told.push("close"),
  };
  return { sink, told };
}

/** What everything promises that runs programs. */
export function programsSuite(name: string, open: () => Promise<OpenPrograms>): void {
  let opened: OpenPrograms;
  let runs = 0;
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => opened.close());
  const resolve = (code: string) => opened.resolve({ language: "py", code, limits: { outputBytes: 64 * 1024 * 1024 } });
  const id = () => `suite-${runs++}`;

  test(`${name}: a request is resolved to the name of its language and the limits that hold`, async () => {
    const program = await opened.resolve({
      language: "py",
      code: "1",
      limits: { timeoutMs: 1_234 },
      metadata: { a: 1 },
    });
    expect(program).toMatchObject({ language: "python", code: "1", files: [], args: [], metadata: { a: 1 } });
    expect(program.limits.timeoutMs).toBe(1_234);
    expect(program.limits.memoryBytes).toBeGreaterThan(0);
    expect(program.compileLimits).toBeUndefined();
  });

  test(`${name}: an unknown language and a limit over the ceiling are refused by name`, async () => {
    await expect(opened.resolve({ language: "klingon", code: "1" })).rejects.toMatchObject({
      code: "unknown-language",
    });
    const over = opened.resolve({ code: "1", limits: { memoryBytes: 2 ** 50 } });
    await expect(over).rejects.toMatchObject({
      code: "limit-over-ceiling",
      errors: [{ field: "limits.memoryBytes" }],
    });
  });

  test(`${name}: a run tells its events in order, and its end has the output`, async () => {
    const events: ProgramEvent[] = [];
    const run = opened.run(await resolve(exits), { id: id(), on: (event) => events.push(event) > 0 });
    const end = await run.end;
    expect(end).toMatchObject({ stdout: "one\n", stderr: "two\n", outcome: { kind: "exited", code: 3 } });
    expect(events[0]).toEqual({ type: "started", isolation: end.isolation });
    const output = events.flatMap((event) => (event.type === "stdout" ? [event.data] : []));
    expect(Buffer.concat(output).toString()).toBe("one\n");
  });

  test(`${name}: output that is passed on is not kept`, async () => {
    const run = opened.run(await resolve(exits), { id: id(), collectOutput: false });
    expect(await run.end).toMatchObject({ stdout: "", stderr: "", outcome: { kind: "exited", code: 3 } });
  });

  test(`${name}: warnings of the program are in its end`, async () => {
    const program = { ...(await resolve(exits)), warnings: ["beware"] };
    expect((await opened.run(program, { id: id() }).end).warnings).toEqual(["beware"]);
  });

  test(`${name}: a program whose events are not wanted waits until they are`, async () => {
    let [bytes, wants] = [0, false];
    const on = (event: ProgramEvent) => {
      if (event.type === "stdout") bytes += event.data.byteLength;
      return wants;
    };
    const run = opened.run(await resolve(floods), { id: id(), on, collectOutput: false });
    let before = -1;
    for (let same = 0; same < 5; same = bytes === before ? same + 1 : 0) {
      before = bytes;
      await new Promise((done) => setTimeout(done, 40));
    }
    expect(bytes).toBeLessThan(8 * 1024 * 1024);
    wants = true;
    run.resume();
    expect((await run.end).outcome).toMatchObject({ kind: "exited", code: 0 });
    expect(bytes).toBe(400 * 65_536);
  });

  test(`${name}: a run is cancelled by call or by signal, more than once as well`, async () => {
    const aborting = new AbortController();
    for (const stop of [(run: { cancel(): void }) => run.cancel(), () => aborting.abort()]) {
      let there = () => {};
      const printed = new Promise<void>((done) => {
        there = done;
      });
      const on = ({ type }: ProgramEvent) => {
        if (type === "stdout") there();
        return true;
      };
      const run = opened.run(await resolve(sleeps), { id: id(), on, signal: aborting.signal });
      await printed;
      stop(run);
      stop(run);
      expect(await run.end).toMatchObject({ stdout: "there\n", outcome: { kind: "cancelled" } });
    }
  });

  test(`${name}: a run that is cancelled before its start ends without one`, async () => {
    const events: string[] = [];
    const io = { id: id(), signal: AbortSignal.abort(), on: ({ type }: ProgramEvent) => events.push(type) > 0 };
    expect((await opened.run(await resolve(sleeps), io).end).outcome.kind).toBe("cancelled");
    expect(events).toEqual([]);
  });

  test(`${name}: files go to the sink one after the other; one that is not wanted is listed all the same`, async () => {
    const { sink, told } = recordingSink((path) => path === "a.txt");
    const end = await opened.run(await resolve(writes), { id: id(), artifacts: sink }).end;
    expect([...end.artifacts].sort((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
      artifactOf("a.txt", "0123456789"),
      artifactOf("b.txt", "b"),
    ]);
    const ofA = told.slice(told.indexOf("begin a.txt") + 1, told.indexOf("end a.txt"));
    expect(ofA.join("")).toBe("0123456789");
    expect(told).toContain("begin b.txt");
    expect(told.at(-1)).toBe("close");
    expect(told.filter((line) => line === "close")).toHaveLength(1);
  });

  test(`${name}: a file that the sink cannot take is a warning and is not listed`, async () => {
    const { sink } = recordingSink((path) => {
      if (path === "a.txt") throw new Error("no room for a.txt");
      return true;
    });
    const end = await opened.run(await resolve(writes), { id: id(), artifacts: sink }).end;
    expect(end.artifacts.map(({ path }) => path)).toEqual(["b.txt"]);
    expect(end.warnings.join()).toContain("no room for a.txt");
  });

  test(`${name}: what is started after the close is refused as closed`, async () => {
    const own = await open();
    const program = await own.resolve({ code: exits });
    await own.close();
    await expect(own.run(program, { id: id() }).end).rejects.toMatchObject({ code: "closed" });
  });
}
