import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { run } from "../bare.ts";
import { pair, summarize } from "../measure.ts";
import { type Figure, figure, type Scenario } from "../scenario.ts";
import { type RunningServer, startServer } from "../server.ts";

/*
 * Hello world in every language: a fresh sandbox over HTTP against the bare toolchain.
 *
 * An interpreter is started for each run, here and there; a rest between the runs lets the server park the next one, as it
 * has when requests do not follow each other without a pause. A compiled program is measured twice: for the first time,
 * with a comment that no compiler has seen, against compiler and binary; and again, against the binary.
 */

const root = dirname(dirname(import.meta.dirname));

interface Interpreted {
  readonly language: string;
  readonly file: string;
  /** The bare interpreter, before the name of the program. */
  readonly bare: readonly string[];
  /** Whether an interpreter is started ahead of time; the goal is for those. */
  readonly parked: boolean;
}

const tsx = join(root, "node_modules/.bin/tsx");
const interpreted: readonly Interpreted[] = [
  { language: "python", file: "hello.py", bare: ["/usr/bin/python3"], parked: true },
  { language: "javascript", file: "hello.js", bare: ["/usr/bin/node"], parked: true },
  { language: "typescript", file: "hello.ts", bare: [tsx], parked: true },
  { language: "bash", file: "hello.sh", bare: ["/usr/bin/bash"], parked: true },
  { language: "ruby", file: "hello.rb", bare: ["/usr/bin/ruby"], parked: true },
  { language: "r", file: "hello.R", bare: ["/usr/bin/Rscript"], parked: true },
  { language: "php", file: "hello.php", bare: ["/usr/bin/php"], parked: false },
  { language: "perl", file: "hello.pl", bare: ["/usr/bin/perl"], parked: false },
  { language: "lua", file: "hello.lua", bare: ["/usr/bin/lua5.4"], parked: false },
];

interface Compiled {
  readonly language: string;
  readonly file: string;
  /** The name under which the bare compiler takes the source. */
  readonly source: string;
  readonly compile: readonly string[];
  readonly run: readonly string[];
  /** The highest ratio of a first run. */
  readonly firstAtMost?: number;
}

const compiled: readonly Compiled[] = [
  {
    language: "c",
    file: "hello.c",
    source: "main.c",
    compile: ["gcc", "-O2", "-o", "main", "main.c"],
    run: ["./main"],
  },
  {
    ...{ language: "cpp", file: "hello.cpp", source: "main.cpp", run: ["./main"], firstAtMost: 1.2 },
    compile: ["g++", "-std=c++20", "-O2", "-o", "main", "main.cpp"],
  },
  {
    language: "go",
    file: "hello.go",
    source: "main.go",
    compile: ["go", "build", "-o", "main", "main.go"],
    run: ["./main"],
  },
  {
    ...{ language: "rust", file: "hello.rs", source: "main.rs", run: ["./main"] },
    compile: ["/usr/bin/rustc", "-O", "-o", "main", "main.rs"],
  },
  {
    ...{ language: "java", file: "hello.java", source: "Hello.java", run: ["java", "-cp", ".", "Hello"] },
    compile: ["javac", "Hello.java"],
  },
];

function example(language: string, file: string): string {
  return readFileSync(join(root, "examples/languages", language, file), "utf8");
}

async function measureInterpreted(server: RunningServer, item: Interpreted, effort: number): Promise<Figure> {
  const code = example(item.language, item.file);
  const path = join(root, "examples/languages", item.language, item.file);
  const started = performance.now();
  await server.execute(code, item.language);
  const coldMs = performance.now() - started;
  const times = await pair(
    Math.ceil(20 * effort),
    3,
    () => server.execute(code, item.language),
    () => run([...item.bare, path]),
    500,
  );
  const [ours, peer] = [summarize(times.ours), summarize(times.peer)];
  return figure({
    name: `hello in ${item.language}, median`,
    unit: "ms",
    ours: ours.median,
    peer: peer.median,
    peerName: item.bare.at(-1)?.split("/").at(-1) ?? "",
    ...(item.parked ? { goal: { of: "ratio" as const, atMost: 0.5 } } : {}),
    details: { p95: ours.p95, peerP95: peer.p95, firstOfTheServer: coldMs },
  });
}

async function measureCompiled(server: RunningServer, item: Compiled, effort: number): Promise<Figure[]> {
  const code = example(item.language, item.file);
  const folder = mkdtempSync(join(tmpdir(), "glovebox-bench-"));
  let count = 0;
  const fresh = () => `${code}\n// ${Date.now()} ${count++}\n`;
  try {
    const first = await pair(
      Math.ceil(10 * effort),
      1,
      () => server.execute(fresh(), item.language),
      async () => {
        writeFileSync(join(folder, item.source), fresh());
        await run(item.compile, folder);
        await run(item.run, folder);
      },
      100,
    );
    const again = await pair(
      Math.ceil(20 * effort),
      2,
      () => server.execute(code, item.language),
      () => run(item.run, folder),
      100,
    );
    const [ours, peer] = [summarize(first.ours), summarize(first.peer)];
    const [oursAgain, peerAgain] = [summarize(again.ours), summarize(again.peer)];
    return [
      figure({
        name: `hello in ${item.language}, compiled for the first time, median`,
        unit: "ms",
        ours: ours.median,
        peer: peer.median,
        peerName: `${item.compile[0]?.split("/").at(-1)} and the binary`,
        ...(item.firstAtMost === undefined ? {} : { goal: { of: "ratio" as const, atMost: item.firstAtMost } }),
        details: { p95: ours.p95, peerP95: peer.p95 },
      }),
      figure({
        name: `hello in ${item.language}, again, median`,
        unit: "ms",
        ours: oursAgain.median,
        peer: peerAgain.median,
        peerName: item.run[0] ?? "",
        goal: { of: "ours", atMost: peerAgain.median + 20 },
        details: { p95: oursAgain.p95, peerP95: peerAgain.p95, above: oursAgain.median - peerAgain.median },
      }),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export const languages: Scenario = {
  name: "languages",
  async run({ effort }) {
    const server = await startServer();
    try {
      const figures: Figure[] = [];
      for (const item of interpreted) figures.push(await measureInterpreted(server, item, effort));
      for (const item of compiled) figures.push(...(await measureCompiled(server, item, effort)));
      return figures;
    } finally {
      await server.stop();
    }
  },
};
