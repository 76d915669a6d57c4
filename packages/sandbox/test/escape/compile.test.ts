import { randomUUID } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { defaultCacheFolder } from "../../src/compile/disk-cache.ts";
import type { ExecutionSpec } from "../../src/index.ts";
import { type AttackGround, openGround } from "../support/attack-ground.ts";
import { proves } from "../support/attack-proof.ts";
import { borrowLanguage } from "../support/borrowed-language.ts";
import { processesWith } from "../support/host-processes.ts";
import { stretched } from "../support/host-slowness.ts";

/*
 * Hostile sources. What a compiler is made to do by them is tried with the real ones; what it could do if a source had
 * taken it over, with a language whose compiler is a shell that runs the source.
 */

const { name: shell } = borrowLanguage();
/** The user's own cache, in which what C++ needs ahead of time may be already. No source here was ever compiled. */
const cache = defaultCacheFolder();
const own = randomUUID();
const folder = mkdtempSync(join(tmpdir(), "sources-"));
let ground: AttackGround;
beforeAll(async () => {
  ground = await openGround({ languages: ["python", "c", "cpp", "rust", shell] });
});
afterAll(async () => {
  await ground?.close();
  rmSync(folder, { recursive: true, force: true });
});

const MIB = 1024 * 1024;
const checkout = fileURLToPath(new URL("../../../..", import.meta.url));
const ran = { kind: "exited", code: 0, violations: [], stage: "run" };
const secret = { name: "secret.csv", content: "secret of the request" };

/** Paths that no compiler may see. */
const hidden = () => [
  String(ground.canaries.target.file),
  join(checkout, "package.json"),
  join(cache, "warm", readdirSync(join(cache, "warm"))[0] ?? "an entry"),
  ...[
    "/etc/shadow",
    "/root/.profile",
    "/run/glovebox/host.sock",
    "/proc/1/environ",
    "/proc/1/maps",
    "/inputs/products",
  ],
  ...[
    "/glovebox/input.json",
    "/glovebox/results.jsonl",
    "/workspace/secret.csv",
    "secret.csv",
    "../glovebox/task.json",
  ],
];

/** A program in C or C++ that says which of the paths were there when it was compiled. */
const looking = (paths: readonly string[]) => `
#include <stdio.h>
int main(void) {
${paths.map((path) => `#if __has_include("${path}")\n  puts("${path}");\n#endif`).join("\n")}
  return 0;
}
`;

describe("hostile sources", () => {
  proves("compile.sources-alone", "with __has_include, in C and C++", async () => {
    const paths = [...hidden(), "/usr/include/stdio.h", "part.h"];
    const files = [secret, { name: "part.h", content: "" }];
    const attacks = ["c", "cpp"].map((language) => ({ language, code: looking(paths), files }));
    for (const { execution } of await ground.attackAtOnce(attacks)) {
      expect(execution.stdout).toBe("/usr/include/stdio.h\npart.h\n");
      expect(execution.outcome).toEqual(ran);
    }
    writeFileSync(join(folder, "look.c"), looking(paths));
    const seen = await ground.canaries.run(["gcc", "-E", join(folder, "look.c")]);
    expect(seen.stdout).toContain(String(ground.canaries.target.file));
  });

  proves(
    "compile.sources-alone",
    "with the assembler, with macros of Rust, and with what a message quotes",
    async () => {
      const file = String(ground.canaries.target.file);
      const include = (path: string) => `#include "${path}"\nint main(void) { return 0; }\n`;
      const embed = (path: string) => `__asm__(".incbin \\"${path}\\"");\nint main(void) { return 0; }\n`;
      const probe = (path: string) =>
        `#if __has_include("${path}")\n#error it is there\n#endif\nint main(void) { return 0; }\n`;
      const inRust = (macro: string) => `fn main() { println!("{:?}", ${macro}); }\n`;
      const attacks: (Pick<ExecutionSpec, "language"> & { code: string; says: RegExp })[] = [
        { language: "c", code: embed(file), says: /file not found|No such file/ },
        // Files of /proc have no size, and are taken for empty ones.
        { language: "c", code: include("/proc/self/environ"), says: /^$/ },
        { language: "c", code: include("/proc/self/fd/0"), says: /^$/ },
        { language: "cpp", code: include("/etc/shadow"), says: /No such file/ },
        { language: "rust", code: inRust(`include_bytes!("${file}")`), says: /couldn't read/ },
        // No source embeds a file here, and so the request's other files are not there.
        { language: "c", code: probe("/workspace/secret.csv"), says: /^$/ },
        { language: "cpp", code: probe("secret.csv"), says: /^$/ },
        {
          language: "rust",
          code: `#[path = "${file}"] mod stolen;\nfn main() {}\n`,
          says: /couldn't read|file not found/,
        },
      ];
      const ends = await ground.attackAtOnce(
        attacks.map(({ language = "", code }) => ({
          language,
          code,
          files: [secret],
          env: { SECRET: "value of the request" },
        })),
      );
      for (const [index, { execution }] of ends.entries()) {
        const { code = "", says = /^$/ } = attacks[index] ?? {};
        expect([code, execution.outcome.kind]).toEqual([code, "exited"]);
        expect([code, says.test(execution.stderr)]).toEqual([code, true]);
        for (const word of ["HOST_CANARY", "secret of the request", "value of the request"]) {
          expect([code, JSON.stringify(execution).includes(word)]).toEqual([code, false]);
        }
      }
      const { execution } = await ground.attack({
        language: "rust",
        code: inRust('(option_env!("HOST_CANARY"), option_env!("SECRET"), option_env!("HOME"))'),
        env: { SECRET: "value of the request" },
      });
      expect(execution.stdout).toBe('(None, None, Some("/workspace"))\n');
    },
  );

  proves("compile.endless-includes", "", async () => {
    const again = "#include __FILE__\n#include __FILE__\nint main(void) { return 0; }\n";
    const limits = { memoryBytes: 96 * MIB, timeoutMs: stretched(2_500), cpuMs: 800, diskBytes: 64 * MIB };
    const attacks = [
      { language: "c", code: '#include "/dev/zero"\n' },
      { language: "c", code: '#include "/dev/ptmx"\n' },
      { language: "c", code: '#include "/dev/urandom"\n' },
      { language: "c", code: '__asm__(".rept 1000000000\\n.long 1\\n.endr");\n' },
      { language: "c", code: "char large[4000000000L] = {1};\nint main(void) { return 0; }\n" },
      {
        language: "c",
        code: `#define A(x) x x x x x x x x x x\n#define B(x) A(A(A(x)))\nint main(void) { B(B(B(;))) }\n`,
      },
      {
        language: "cpp",
        code: "template <int N> struct A { A<N - 1> a; A<N - 2> b; char c[sizeof a + sizeof b]; };\ntemplate <> struct A<0> {};\ntemplate <> struct A<1> {};\ntemplate <class T> struct D { D<D<T>> d; };\nD<int> all;\nint main() {}\n",
      },
      {
        language: "rust",
        code: 'static ALL: &[u8] = include_bytes!("/dev/zero");\nfn main() { println!("{}", ALL.len()); }\n',
      },
      {
        language: "rust",
        code: "macro_rules! again { ($($t:tt)*) => { again!($($t)* $($t)* x) } }\nfn main() { again!(x x); }\n",
      },
    ];
    for (const half of [attacks.slice(0, 5), attacks.slice(5)]) {
      const ends = await ground.attackAtOnce(half.map((attack) => ({ ...attack, compileLimits: limits })));
      for (const [index, { execution }] of ends.entries()) {
        const { outcome } = execution;
        const code = half[index]?.code.slice(0, 60);
        expect([code, outcome.stage]).toEqual([code, "compile"]);
        expect([code, outcome.kind]).not.toEqual([code, "sandbox-fault"]);
        if (outcome.kind === "exited") expect([code, outcome.code]).not.toEqual([code, 0]);
      }
    }
    // One of them on the host, where it goes on until it is stopped.
    writeFileSync(join(folder, "again.c"), again);
    const stopped = await ground.canaries.run([
      "timeout",
      "1",
      "gcc",
      "-fmax-include-depth=60",
      "-E",
      join(folder, "again.c"),
    ]);
    expect(stopped.code).toBe(124);
  });

  proves("compile.what-it-leaves", "", async () => {
    const mark = `left-by-compiler-${process.pid}`;
    const { execution } = await ground.attack({
      language: shell,
      code: `
cd /glovebox/product
echo 'cd /glovebox/product; ls -A; cat program >/dev/null && echo end' >program
ln -s "/etc/passwd" passwd; ln -s /proc/1/root root; mkfifo pipe; ln -s ../results.jsonl results; mkdir -m 0 closed
mknod zero c 1 5 2>/dev/null || echo 'no device' >&2
truncate -s 1T huge 2>/dev/null || echo 'no hole' >&2
rm -f huge
(exec 9<>pipe; trap '' TERM HUP; exec sleep 600) &
setsid sh -c 'trap "" TERM HUP; while :; do echo late >>/glovebox/product/late; sleep 1; done' ${mark} >/dev/null 2>&1 &
kill -STOP 1 2>/dev/null; kill -KILL 1 2>/dev/null
printf '\\377\\377\\377\\377\\000' >&4 2>/dev/null
`,
    });
    expect(execution.compile?.stderr).toBe("no device\nno hole\n");
    expect([execution.outcome, execution.stdout]).toEqual([ran, expect.stringMatching(/^(late\n)?program\nend\n$/)]);
    expect(processesWith(mark)).toEqual([]);
  });

  proves("compile.others", "", async () => {
    const other =
      '#include <stdio.h>\n#include <unistd.h>\nint main(void) { usleep(2500000); puts("undisturbed"); return 0; }\n';
    const look = [
      "find / \\( -path /proc -o -path /usr \\) -prune -o -type f -name program -print 2>/dev/null",
      "ls -d /inputs/* /run/* 2>/dev/null",
      // Where the product lies on the host is written there; it leads nowhere from here.
      'for place in $(sed -n \'s|^[^ ]* [^ ]* [^ ]* \\([^ ]*/inputs/[^ ]*\\) .*|\\1|p\' /proc/self/mountinfo); do ls "$place" "$place/.."; done 2>/dev/null',
      `ls ${cache} 2>/dev/null`,
      "true",
    ].join("\n");
    const [attack, neighbour] = await ground.attackAtOnce([
      { language: shell, code: `sleep 0.8\n${look}\ncat >/glovebox/product/program <<'END'\n${look}\nEND\n` },
      { language: "c", code: other },
    ]);
    expect([attack?.execution.compile?.stdout, attack?.execution.stdout]).toEqual(["", "/glovebox/product/program\n"]);
    expect(neighbour?.execution.stdout).toBe("undisturbed\n");
    const { stdout } = await ground.canaries.run(["ls", cache]);
    expect(stdout).toContain("compiled");
  });

  const change = (place: string) => `
for path in ${place} ${place}/*; do
  [ -e "$path" ] || continue
  { echo x 1<>"$path"; } 2>/dev/null && echo "wrote $path"
  chmod 777 "$path" 2>/dev/null && echo "chmod $path"
  touch "$path" 2>/dev/null && echo "touch $path"
  mv "$path" "$path.moved" 2>/dev/null && echo "moved $path"
  rm -rf "$path" 2>/dev/null && [ ! -e "$path" ] && echo "removed $path"
  ln -f /etc/passwd "$path" 2>/dev/null && echo "linked $path"
done
(: >${place}/planted) 2>/dev/null && echo planted
mkdir ${place}/folder 2>/dev/null && echo folder
umount -l ${place} 2>/dev/null && echo unmounted
mount --bind /tmp ${place} 2>/dev/null && echo covered
[ -d ${place} ] || echo gone
echo tried
`;

  proves("compile.read-only", "", async () => {
    const places = ["/glovebox/product", `/opt/glovebox/${shell}`, "/opt/glovebox", "/inputs"];
    const all = places.map(change).join("\n");
    const ofCompiler = places.slice(1).map(change).join("\n");
    const attack = {
      language: shell,
      code: `# ${own}\n${ofCompiler}\ncat >/glovebox/product/program <<'END'\n${all}\nEND\n`,
    };
    for (const cached of [false, true]) {
      const { execution } = await ground.attack(attack);
      expect([execution.compile?.cached, execution.compile?.stdout]).toEqual([cached, "tried\n".repeat(3)]);
      expect([execution.outcome, execution.stdout]).toEqual([ran, "tried\n".repeat(4)]);
    }
  });

  proves(
    "compile.read-only",
    "what was made ahead of time for C++, and a program in C that changes itself",
    async () => {
      const { execution } = await ground.attack({
        language: "cpp",
        code: `#include <cstdlib>\nint main() { return system(R"(${change("/glovebox-warm")}${change("/opt/glovebox/cpp")} ls /glovebox-warm | wc -l)"); }\n`,
      });
      expect([execution.outcome, execution.stdout]).toEqual([ran, expect.stringMatching(/^tried\ntried\n[1-9]\d*\n$/)]);
      const code = `// ${own}
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
int main(void) {
  const char *self = "/glovebox/product/program";
  printf("%d", open(self, O_WRONLY) >= 0 || open("/proc/self/exe", O_WRONLY) >= 0);
  printf("%d", truncate(self, 0) == 0 || unlink(self) == 0 || chmod(self, 0777) == 0);
  printf("%d", rename(self, "/workspace/program") == 0 || rename("/workspace/main.c", self) == 0);
  printf("%d", rename("/glovebox/product", "/glovebox/mine") == 0 || rmdir("/glovebox/product") == 0);
  printf("%d\\n", link(self, "/glovebox/linked") == 0 || symlink("/tmp", "/glovebox/product/link") == 0);
  return 0;
}
`;
      for (const cached of [false, true]) {
        const again = await ground.attack({ language: "c", code });
        expect([again.execution.compile?.cached, again.execution.stdout]).toEqual([cached, "00000\n"]);
      }
    },
  );
});
