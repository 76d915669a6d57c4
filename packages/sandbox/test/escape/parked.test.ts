import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect } from "vitest";
import type { SpecFile } from "../../src/index.ts";
import { type AttackGround, openGround } from "../support/attack-ground.ts";
import { proves } from "../support/attack-proof.ts";
import { descendants } from "../support/host-processes.ts";
import { commandOf } from "../support/processes.ts";

/*
 * Interpreters that are started before their program is there. What a request names may reach them only when they are
 * locked down, and nothing of one program may reach the next.
 */

const languages = ["bash", "javascript", "ruby"] as const;
type Language = (typeof languages)[number];

let ground: AttackGround;
beforeAll(async () => {
  ground = await openGround({ languages: ["python", ...languages] });
});
afterAll(() => ground.close());

/** Runs a program in each language at the same time and returns what each printed. */
async function inEach(
  programs: Readonly<Record<Language, string>>,
  more: { env?: Record<string, string>; files?: readonly SpecFile[] } = {},
): Promise<Record<Language, string>> {
  const attacks = languages.map((language) => ({ language, code: programs[language], ...more }));
  const ends = await ground.attackAtOnce(attacks);
  const printed = ends.map(({ execution }, index) => {
    const { outcome, stdout, stderr } = execution;
    expect([languages[index], outcome, stderr]).toEqual([
      languages[index],
      { kind: "exited", code: 0, violations: [], stage: "run" },
      "",
    ]);
    return [languages[index], stdout];
  });
  return Object.fromEntries(printed) as Record<Language, string>;
}

const field = (name: string, status: string) => new RegExp(`^${name}:\\s*(.*)$`, "m").exec(status)?.[1];
const lockedDown = {
  ...{ CapInh: "0000000000000000", CapPrm: "0000000000000000", CapEff: "0000000000000000" },
  ...{ CapBnd: "0000000000000000", CapAmb: "0000000000000000", NoNewPrivs: "1", Seccomp: "2" },
};
const stateIn = (status: string) =>
  Object.fromEntries(Object.keys(lockedDown).map((name) => [name, field(name, status)]));

describe("interpreters that wait for a program", () => {
  proves("parked.locked-down", "seen from the host, before there is a program", async () => {
    const waiting = descendants().filter((pid) => {
      const [program = "", ...args] = commandOf(pid);
      // A nursery, which is Python, names these folders in its own way.
      return /\/(bash|node|ruby)$/.test(program) && args.some((argument) => argument.includes("/opt/glovebox/"));
    });
    // Two of each language are parked. Bash shows the name of its script alone.
    expect(waiting.length).toBeGreaterThanOrEqual(4);
    for (const pid of waiting) {
      const status = readFileSync(`/proc/${pid}/status`, "utf8");
      expect([pid, stateIn(status)]).toEqual([pid, lockedDown]);
      const separate = ground.sandboxes.isolation.uids === "separate";
      if (separate) expect(field("Uid", status)).not.toMatch(/^(0|1000|1001)\s/);
    }
    // The processes that they come from are not: the look tells them apart.
    const nurseries = descendants().filter((pid) => commandOf(pid).includes("-I"));
    expect(nurseries.map((pid) => field("Seccomp", readFileSync(`/proc/${pid}/status`, "utf8")))).toContain("0");
  });

  proves("parked.locked-down", "seen from the program, whose process was there before it", async () => {
    const asked = Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]);
    const printed = await inEach({
      bash: 'cat "/proc/$$/status" "/proc/$$/stat"',
      javascript: `
const fs = require("node:fs");
for (const name of ["self/status", "self/stat"]) process.stdout.write(fs.readFileSync("/proc/" + name));`,
      ruby: `%w[self/status self/stat].each { |name| print File.read("/proc/" + name) }`,
    });
    for (const language of languages) {
      expect([language, stateIn(printed[language])]).toEqual([language, lockedDown]);
      const stat = printed[language].trim().split("\n").at(-1) ?? "";
      const started = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]) / 100;
      expect(started).toBeLessThanOrEqual(asked);
    }
  });

  proves("parked.one-lease", "", async () => {
    const pollute = {
      bash: `
function cd() { echo polluted; }; export -f cd
declare -g left=polluted; alias ls='echo polluted'; trap 'echo polluted' HUP; set -f; PATH=/nowhere
echo polluted >/tmp/left; echo polluted >/workspace/left; echo polluted >/dev/shm/left; echo polluted >/glovebox/left
echo done`,
      javascript: `
const fs = require("node:fs");
Object.prototype.left = "polluted"; globalThis.left = "polluted"; Array.prototype.map = () => "polluted";
JSON.parse = () => "polluted"; process.env.LEFT = "polluted"; require.cache["left"] = {}; Math.random = () => 0.5;
for (const folder of ["/tmp", "/workspace", "/dev/shm", "/glovebox"]) fs.writeFileSync(folder + "/left", "polluted");
fs.readFileSync = () => "polluted";
fs.writeSync(1, "done\\n");`,
      ruby: `
class Object; def left = "polluted"; end
class String; def upcase = "polluted"; end
$left = "polluted"; ENV["LEFT"] = "polluted"
%w[/tmp /workspace /dev/shm /glovebox].each { |folder| File.write(folder + "/left", "polluted") }
puts "done"`,
    };
    const look = {
      bash: `
type -t cd; echo "$left$LEFT" $(alias) $(trap) $-; cd /; ls -d /tmp/left /workspace/left /dev/shm/left /glovebox/left 2>/dev/null
echo end`,
      javascript: `
const fs = require("node:fs");
const found = ["/tmp", "/workspace", "/dev/shm", "/glovebox"].filter((folder) => fs.existsSync(folder + "/left"));
console.log(JSON.stringify([{}.left ?? null, globalThis.left ?? null, [1].map((one) => one + 1), JSON.parse("2"),
  process.env.LEFT ?? null, require.cache.left ?? null, Math.random() === 0.5, found]));`,
      ruby: `
found = %w[/tmp /workspace /dev/shm /glovebox].select { |folder| File.exist?(folder + "/left") }
puts [Object.new.respond_to?(:left), "a".upcase, $left, ENV["LEFT"], found].inspect`,
    };
    // More than are parked: whoever comes next gets an interpreter that was there all the time, or a new one.
    for (let round = 0; round < 2; round++) {
      expect(await inEach(pollute)).toEqual({ bash: "done\n", javascript: "done\n", ruby: "done\n" });
    }
    const clean = {
      bash: "builtin\n hB\nend\n",
      javascript: "[null,null,[2],2,null,null,false,[]]\n",
      ruby: '[false, "A", nil, nil, []]\n',
    };
    expect(await inEach(look)).toEqual(clean);
  });

  proves("parked.randomness", "", async () => {
    const programs = {
      bash: "echo $RANDOM $RANDOM $RANDOM $RANDOM; echo $SRANDOM $SRANDOM; mktemp -u",
      javascript: `
console.log([1, 2, 3].map(() => Math.random()).join(" "));
console.log(require("node:crypto").randomUUID());
console.log(require("node:crypto").randomBytes(8).toString("hex"));`,
      ruby: `puts [rand, rand].join(" "), Random.new_seed, (require "securerandom"; SecureRandom.hex)`,
    };
    const rounds = [await inEach(programs), await inEach(programs), await inEach(programs)];
    for (const language of languages) {
      const numbers = rounds.flatMap((printed) => printed[language].trim().split("\n"));
      expect([language, numbers.length, new Set(numbers).size]).toEqual([language, 9, 9]);
    }
  });

  /** Code of a request that runs when a runtime obeys a variable: it notes in which state it was run. */
  const note = {
    sh: "cat /proc/self/status >>/tmp/evil",
    rb: 'File.write("/tmp/evil", File.read("/proc/self/status"))',
  };
  const library = `
#include <fcntl.h>
#include <unistd.h>
static char room[8192];
__attribute__((constructor)) static void run(void) {
  int from = open("/proc/self/status", O_RDONLY), to = open("/tmp/evil", O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (write(to, room, read(from, room, sizeof room)) < 0) _exit(1);
}
`;
  const evilFiles: { name: string; content: string }[] = [
    { name: "evil.sh", content: note.sh },
    { name: "evil.rb", content: note.rb },
    {
      name: "evil.js",
      content: `require("node:fs").appendFileSync("/tmp/evil", require("node:fs").readFileSync("/proc/self/status"))`,
    },
    { name: "bin/env", content: `#!/bin/sh\n${note.sh}\nexec /usr/bin/env "$@"\n` },
    { name: "bin/cat", content: `#!/bin/sh\n${note.sh}\nexec /bin/cat "$@"\n` },
  ];
  const evil: Record<string, string> = {
    NODE_OPTIONS: "--require=/workspace/evil.js",
    BASH_ENV: "/workspace/evil.sh",
    ENV: "/workspace/evil.sh",
    PROMPT_COMMAND: ". /workspace/evil.sh",
    PS4: "$(. /workspace/evil.sh)",
    SHELLOPTS: "xtrace",
    RUBYOPT: "-r/workspace/evil.rb",
    RUBYLIB: "/workspace",
    NODE_PATH: "/workspace",
    PATH: "/workspace/bin:/usr/bin:/bin",
    LD_PRELOAD: "/workspace/evil.so",
    LD_LIBRARY_PATH: "/workspace",
    LD_AUDIT: "/workspace/evil.so",
    GLOVEBOX_JOB: "/workspace",
    IFS: "/",
  };
  const show = {
    bash: "[[ ! -e /tmp/evil ]] || builtin printf '%s' \"$(</tmp/evil)\"",
    javascript: `const fs = require("node:fs"); if (fs.existsSync("/tmp/evil")) fs.writeSync(1, fs.readFileSync("/tmp/evil"));`,
    ruby: `print File.read("/tmp/evil") if File.exist?("/tmp/evil")`,
  };

  proves("parked.environment", "", async () => {
    const folder = mkdtempSync(join(tmpdir(), "evil-"));
    try {
      writeFileSync(join(folder, "evil.c"), library);
      execFileSync("/usr/bin/gcc", ["-shared", "-fPIC", "-o", join(folder, "evil.so"), join(folder, "evil.c")]);
      const files = [...evilFiles, { name: "evil.so", content: readFileSync(join(folder, "evil.so")) }];
      const attacks = languages.map((language) => ({ language, code: show[language], env: evil, files }));
      for (const { execution } of await ground.attackAtOnce(attacks)) {
        expect([execution.language, execution.outcome.kind]).toEqual([execution.language, "exited"]);
        // Some begin anew with such variables and obey them, as they do anywhere: locked down, like the program itself.
        for (const status of execution.stdout.split(/^(?=Name:)/m).filter((text) => text.startsWith("Name:"))) {
          expect([execution.language, stateIn(status)]).toEqual([execution.language, lockedDown]);
        }
      }
      const interpreters = { bash: ["bash", "-c", ":"], javascript: ["node", "-e", ""], ruby: ["ruby", "-e", ""] };
      for (const { name, content } of evilFiles.slice(0, 3)) {
        const own = content.replaceAll("/tmp/evil", join(folder, "seen"));
        writeFileSync(join(folder, name), own);
      }
      for (const [language, command] of Object.entries(interpreters)) {
        const { NODE_OPTIONS, BASH_ENV, RUBYOPT } = evil;
        const obeyed = Object.entries({ NODE_OPTIONS, BASH_ENV, RUBYOPT });
        const env = obeyed.map(([key, value]): [string, string] => [key, String(value).replace("/workspace", folder)]);
        await ground.canaries.run(command, Object.fromEntries(env), folder);
        expect([language, readdirSync(folder).includes("seen")]).toEqual([language, true]);
        rmSync(join(folder, "seen"));
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  proves("parked.environment", "names that mean something in a language", async () => {
    const polluting = { constructor: "x", toString: "x", _: "x", left: "polluted" };
    const printed = await inEach(
      {
        bash: 'echo "$left" "$constructor"',
        javascript: "console.log({}.left, process.env.left, process.env.constructor, String({}));",
        ruby: 'puts [ENV["left"], ENV["constructor"]].join(" ")',
      },
      { env: polluting },
    );
    expect(printed).toEqual({
      bash: "polluted x\n",
      javascript: "undefined polluted x [object Object]\n",
      ruby: "polluted x\n",
    });
  });
});
