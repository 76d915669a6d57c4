import { ProblemError, type Runtime } from "@glovebox/protocol";
import { describe, expect, it } from "vitest";
import { toyRuntime } from "../../test/support/toy-runtime.ts";
import { checkCompilerOptions } from "./compiler-options.ts";
import { runtimes } from "./registry.ts";

function language(name: string): Runtime {
  const runtime = runtimes().find((candidate) => candidate.name === name);
  if (runtime === undefined) throw new Error(`there is no ${name}`);
  return runtime;
}

/** The entries of the problem by which options are refused; none when they are not. */
function errorsOf(runtime: Runtime, options: readonly string[]) {
  try {
    checkCompilerOptions(runtime, options);
    return [];
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    expect(error.code).toBe("invalid-request");
    expect(error.message).toBe(error.errors.map(({ field, message }) => `${field}: ${message}`).join("; "));
    return error.errors;
  }
}

const refusedFields = (name: string, options: readonly string[]) =>
  errorsOf(language(name), options).map(({ field }) => field);

const toy = toyRuntime({
  compile: {
    command: ["{toy}", "{options}"],
    options: [
      { pattern: "-a|-b", help: "-a, -b" },
      { pattern: "-n", value: "\\d", help: "-n N" },
      { pattern: "--level", value: "low|high", joined: "=", help: "--level=LEVEL" },
      { pattern: "-C", value: "x", joined: "", help: "-Cx" },
    ],
    sources: [],
  },
});

describe("an option of a compiler", () => {
  it.each([
    [[]],
    [["-a"]],
    [["-b", "-a", "-a"]],
    [["-n", "1", "-a"]],
    [["--level", "low"]],
    [["--level=high"]],
    [["-Cx", "-C", "x"]],
    [Array(50).fill("-a")],
  ])("that a pattern matches whole is allowed: %j", (options) => {
    expect(errorsOf(toy, options)).toEqual([]);
  });

  const list = "Toy allows: -a, -b; -n N; --level=LEVEL; -Cx";
  it.each([
    [["-a", "-c"], 1, '"-c" is not allowed'],
    [["-ab"], 0, '"-ab" is not allowed'],
    [["x-a"], 0, '"x-a" is not allowed'],
    [["-a "], 0, '"-a " is not allowed'],
    [["-n1"], 0, '"-n1" is not allowed'],
    [["-n", "1", "2"], 2, '"2" is not allowed'],
    [["-n"], 0, '"-n" needs its value as the next option'],
    [["-a", "-n", "-a"], 2, '"-a" is not allowed as the value of "-n"'],
    [["--level", "=low"], 1, '"=low" is not allowed as the value of "--level"'],
    [["--levellow"], 0, '"--levellow" is not allowed'],
    [["--level=low,high"], 0, '"--level=low,high" is not allowed'],
    [["-C=x"], 0, '"-C=x" is not allowed'],
  ])("that none matches is refused by its place, with what is allowed: %j", (options, index, message) => {
    expect(errorsOf(toy, options)).toEqual([{ field: `compilerOptions[${index}]`, message: `${message}; ${list}` }]);
  });

  it("is named for each that is wrong, and what is allowed is said once", () => {
    expect(errorsOf(toy, ["-x", "-a", "-y"])).toEqual([
      { field: "compilerOptions[0]", message: `"-x" is not allowed; ${list}` },
      { field: "compilerOptions[2]", message: '"-y" is not allowed' },
    ]);
  });

  it("is refused for a language that has none", () => {
    const none = [{ field: "compilerOptions", message: "Toy has no compiler that takes options" }];
    expect(errorsOf(toyRuntime(), ["-a"])).toEqual(none);
    expect(errorsOf(toyRuntime({ compile: { command: ["{toy}"], sources: [] } }), ["-a"])).toEqual(none);
    expect(errorsOf(toyRuntime(), [])).toEqual([]);
  });

  it.each([
    ["too many", Array(51).fill("-a"), "compilerOptions"],
    ["too long", ["-a", "a".repeat(201)], "compilerOptions[1]"],
    ["empty", [""], "compilerOptions[0]"],
    ["with a NUL byte", ["-a\0"], "compilerOptions[0]"],
    ["with a line break", ["-a", "-a\n"], "compilerOptions[1]"],
    ["with half of a character", ["-a\ud800"], "compilerOptions[0]"],
  ])("is refused when there are or it is %s, whatever the patterns say", (_, options, field) => {
    const everything = toyRuntime({
      compile: { command: ["{toy}", "{options}"], options: [{ pattern: "[^]*", help: "all" }], sources: [] },
    });
    expect(errorsOf(everything, options).map((error) => error.field)).toEqual([field]);
  });
});

const gnu = [
  ...["-O", "-O0", "-O3", "-Og", "-Os", "-Ofast", "-ansi", "-w", "-pedantic", "-pedantic-errors"],
  ...["-Wall", "-Wextra", "-Werror", "-Werror=format", "-Wno-unused", "-Wformat=2", "-Wframe-larger-than=100"],
  ...["-DNAME", "-DNAME=1", '-DNAME="a b"', "-DNAME=", "-DTWICE(x)=(2*(x))", "-D_GNU_SOURCE", "-UNAME"],
  ...["-lm", "-lstdc++", "-static", "-pthread", "-g", "-g3", "-ggdb", "-fopenmp", "-fsanitize=undefined"],
  ...["-ffast-math", "-fno-strict-aliasing", "-funroll-loops", "-flto", "-fanalyzer", "-fmax-errors=3"],
  ...["-march=haswell", "-march=x86-64-v3", "-mtune=generic", "-mavx2", "-mno-sse4.2", "-mfpmath=sse"],
];
const allowed: Record<string, readonly (readonly string[])[]> = {
  c: [gnu, ["-std=c11"], ["-std=gnu2x"], ["-std=iso9899:1999"]],
  cpp: [gnu, ["-std=c++17"], ["-std=gnu++2b"], ["-Weffc++"], ["-fno-rtti", "-ftemplate-depth=2000"]],
  go: [
    ["-tags=fast,net_go"],
    ["-tags", "fast"],
    ["-ldflags=-s -w -X main.version=1.2"],
    ["-ldflags", "-X=example.org/a-b/c.name=x=y"],
    ["-gcflags=-N -l", "-gcflags=-m=2"],
  ],
  rust: [
    ["-O", "-g", "-Copt-level=3", "-C", "opt-level=s", "-C", "debuginfo=2", "-Ctarget-feature=+avx2,-fma"],
    ["-Coverflow-checks=off", "-Cdebug-assertions=no", "-Ccodegen-units=1", "-Cstrip=symbols", "-Ctarget-cpu=haswell"],
    ["--edition=2018"],
    ["--edition", "2021"],
    ["--cfg", "fast", "--cfg", 'feature="a b"', "--cfg=fast"],
    ["-A", "warnings", "-Dunused_mut", "-Wclippy::all", "-F", "unsafe-code", "--cap-lints=allow"],
  ],
  java: [
    ["-Xlint", "-Xlint:all", "-Xlint:-serial,unchecked", "-Xdiags:verbose", "-nowarn", "-deprecation", "-Werror"],
    ["-parameters", "-g", "-g:none", "-g:lines,vars", "-encoding", "ISO-8859-1", "-Xmaxerrs", "5"],
    ["--enable-preview", "--release", "17"],
    ["--release=17"],
    ["-source", "8", "-target", "1.8"],
  ],
};

/** Options of no language here: each reads or runs something, writes elsewhere, or hands a word on. */
const never = {
  gnu: [
    ...["-o", "-o/tmp/x", "-owner", "@/etc/passwd", "@x", "-B/workspace", "-B.", "-fplugin=x.so", "-fplugin-arg-x-y"],
    ...["-specs=x", "--specs=x", "-wrapper", "-wrapper,sh", "-I/etc", "-I.", "-I..", "-include", "-include/etc/passwd"],
    ...["-imacros", "-isystem", "-iquote", "-idirafter/", "-iprefix/", "-isysroot/", "--sysroot=/", "-nostdinc"],
    ...["-Wl,-rpath,/", "-Wl", "-Wp,-MD,x", "-Wa,--listing", "-Xlinker", "-Xpreprocessor", "-Xassembler", "-T/etc/x"],
    ...["-dumpdir", "-dumpbase", "-dM", "-save-temps", "-save-temps=obj", "-x", "-xc", "-xnone", "-M", "-MF", "-MD"],
    ...["-L/", "-L.", "-l/etc/x", "-l../x", "-l:x.so", "-l", "-l@x", "-D", "-D@/etc/passwd", "-D-o", "-U", "-U@x"],
    ...[
      "-c",
      "-S",
      "-E",
      "-v",
      "-###",
      "--help",
      "--version",
      "-pipe",
      "-shared",
      "-r",
      "-s",
      "-no-canonical-prefixes",
    ],
    ...["-fdump-tree-all", "-fdump-rtl-all=/tmp/x", "-fprofile-generate", "-fprofile-use=/x", "-fauto-profile=/x"],
    ...[
      "-fmodule-mapper=|sh",
      "-fmodules-ts",
      "-fuse-ld=x",
      "-ffile-prefix-map=a=b",
      "-fcallgraph-info",
      "-fstack-usage",
    ],
    ...[
      "-fsyntax-only",
      "-fpch-preprocess",
      "-fsanitize-blacklist=/x",
      "-fopt-info-all=/x",
      "-fdiagnostics-format=json",
    ],
    ...["-march=native", "-mtune=native", "-mcpu=native+crypto", "-m32", "-std=", "-std=c11,-o", "-O4", "-O3,-o"],
    ...["-O3 -o", " -O3", "-O3\n-o", "--param=x=1", "-foffload=x", "-Wall -o", "-Wall,-o", "--output=x", "--include=x"],
    ...["main.c", "x.o", "-", "--", "", "-DX=1\n-include\n/etc/passwd", "-DX\0"],
  ],
  go: [
    ...["-o", "-o=/x", "-toolexec=sh", "-toolexec", "-overlay=x.json", "-overlay", "-modfile=x", "-pkgdir=/", "-C=/"],
    ...["-exec=sh", "-race", "-msan", "-asan", "-n", "-x", "-work", "-a", "-i", "-compiler=gccgo", "-gccgoflags=-B."],
    ...["-buildmode=plugin", "-linkshared", "-mod=mod", "-asmflags=-I/", "-pgo=/x", "-cover", "-trimpath", "@x"],
    ...[
      "-ldflags=-extld=sh",
      "-ldflags=-s -extld=sh",
      "-ldflags=-linkmode=external",
      "-ldflags=-o=/x",
      "-ldflags=-r /",
    ],
    ...["-ldflags=-X main.a=b' -o", "-ldflags=-X main.a=b\t-o", "-ldflags=-s  -w", "-ldflags=all=-s", "-ldflags=@x"],
    ...["-ldflags=-I=/x", "-ldflags=-k=x", "-ldflags=-cpuprofile=/x", "-gcflags=-o=/x", "-gcflags=-importcfg=x"],
    ...[
      "-gcflags=-N -I=/",
      "-gcflags=-embedcfg=x",
      "-gcflags=-cpuprofile=/x",
      "-gcflags=all=-N",
      "-gcflags=-trimpath=x",
    ],
    ...["-tags=a b", "-tags=a,", "-tags=-o", "-tags=@x", "x.go", "./...", "--", "-"],
  ],
  rust: [
    ...[
      "-o",
      "-o/x",
      "--out-dir=/x",
      "--emit=asm",
      "--emit=link=/x",
      "-L/",
      "-Lnative=/",
      "-lm",
      "-l",
      "--extern=x=/x",
    ],
    ...["-Clinker=sh", "-Clink-arg=-o", "-Clink-args=x", "-Cpre-link-args=x", "-Clink-self-contained=y", "-Car=x"],
    ...["-Cprofile-generate=/x", "-Cprofile-use=/x", "-Cincremental=/x", "-Csave-temps", "-Cremark=all", "-Crpath"],
    ...["-Cextra-filename=x", "-Cmetadata=x", "-Cllvm-args=-load=x", "-Cpasses=x", "-Cdlltool=x", "-Clto=fat"],
    ...[
      "-Ctarget-cpu=native",
      "-Ctarget-cpu=help",
      "-Ctarget-feature=help",
      "-Chelp",
      "-C=opt-level=3",
      "-C opt-level=3",
    ],
    ...[
      "-Cpanic=abort",
      "-Zunstable-options",
      "--sysroot=/",
      "--target=x.json",
      "--crate-type=proc-macro",
      "--print=cfg",
    ],
    ...["--crate-name=x", "--test", "--help", "-Whelp", "-Ahelp", "--codegen=linker=sh", "--remap-path-prefix=a=b"],
    ...[
      "--cfg=a\nb",
      '--cfg=a="b\\',
      "--cfg=",
      "--edition=2018 -o",
      "--edition=x",
      "--error-format=json",
      "@x",
      "-",
      "x.rs",
    ],
  ],
  java: [
    ...["-processor", "-processorpath", "--processor-path=/", "-proc:full", "-proc:only", "-J-Xmx1g", "-J", "@x", "-d"],
    ...[
      "-cp",
      "-classpath",
      "--class-path=/",
      "-sourcepath",
      "--source-path=/",
      "-bootclasspath",
      "-Xbootclasspath/a:/",
    ],
    ...["--module-path=/", "-p", "--system=/", "--upgrade-module-path=/", "--patch-module=a=/", "-h", "-s", "-extdirs"],
    ...[
      "-endorseddirs",
      "-Xplugin:x",
      "-XDx=y",
      "-Akey=value",
      "--add-exports=a/b=c",
      "--add-modules=x",
      "-implicit:none",
    ],
    ...[
      "-Xprint",
      "-Xstdout",
      "-Xpkginfo:always",
      "-verbose",
      "--help",
      "-help",
      "-version",
      "-X",
      "--limit-modules=x",
    ],
    ...[
      "-Xlint:a b",
      "-Xlint:a,",
      "-Xlint:",
      "-g:",
      "-g:lines,",
      "--release=17 -d",
      "--release=x",
      "--enable-preview=1",
    ],
    ...["X.java", "-", "--"],
  ],
};

describe("the options that the manifests allow", () => {
  it.each(Object.entries(allowed).flatMap(([name, lists]) => lists.map((options) => [name, options] as const)))(
    "of %s are these among others: %j",
    (name, options) => {
      for (let start = 0; start < options.length; start += 40) {
        expect(refusedFields(name, options.slice(start, start + 40))).toEqual([]);
      }
    },
  );

  it.each([
    ["c", never.gnu],
    ["cpp", never.gnu],
    ["go", never.go],
    ["rust", never.rust],
    ["java", never.java],
  ])("of %s are not those that lead elsewhere", (name, options) => {
    for (const option of options)
      expect([option, refusedFields(name, [option])]).toEqual([option, ["compilerOptions[0]"]]);
  });

  it.each([
    ["go", ["-ldflags", "-extld=sh"]],
    ["go", ["-tags", "-toolexec=sh"]],
    ["rust", ["-C", "linker=sh"]],
    ["rust", ["--cfg", "@x"]],
    ["rust", ["-A", "-o"]],
    ["java", ["-encoding", "-d"]],
    ["java", ["--release", "@x"]],
  ])("of %s have no value that leads elsewhere: %j", (name, options) => {
    expect(refusedFields(name, options)).toEqual(["compilerOptions[1]"]);
  });

  it.each(Object.entries(allowed))("of %s are told from others in linear time: a piece is repeated", (name, lists) => {
    const words = [...lists.flat(), "-Xlint:-a,-a", "-s -s", "+a,+a", "a::a"];
    const pieces = new Set(words.flatMap((word) => [word.slice(-1), word.slice(-2), word.slice(-3)]));
    // What cannot match ends in a line break; a pattern that can match a piece in two ways tries all ways of all pieces.
    const texts = words.flatMap((word) => [...pieces].map((piece) => `${word}${piece.repeat(200).slice(0, 180)}\n`));
    for (const { pattern, value = pattern } of language(name).compile?.options ?? []) {
      const whole = new RegExp(`^(?:${pattern}|${value})$`);
      expect([pattern, texts.filter((text) => whole.test(text))]).toEqual([pattern, []]);
    }
  });
});
