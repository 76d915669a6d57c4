import { expect } from "vitest";
import type { Theme } from "./theme.ts";

/*
 * What programs leave behind for the host to collect. The collecting is the warden's and the host's, and the same for all
 * languages; what differs is what a language can leave. That a collected file is never written through a link is
 * tested with Python.
 */

const ran = { kind: "exited", code: 0, violations: [], stage: "run" };
const paths = (execution: { artifacts: readonly { path: string }[] }) => execution.artifacts.map(({ path }) => path);
const onlyReal = { why: "on the host links, pipes and names like these are made as easily; see the report inside" };

export const artifacts: Theme = {
  title: "artifacts",
  surveys: [],
  attacks: [
    {
      id: "artifacts.links",
      programs: {
        c: String.raw`
  mkdir("inside", 0755);
  long made = 0;
  made += symlink(told("TARGET_FILE"), "to-file") == 0;
  made += symlink(told("TARGET_FOLDER"), "to-folder") == 0;
  made += symlink("/etc/passwd", "to-passwd") == 0;
  made += symlink("/proc/self/environ", "inside/to-environment") == 0;
  made += symlink("/glovebox/product/program", "to-product") == 0;
  made += symlink("loop", "loop") == 0;
  made += symlink("..", "inside/up") == 0;
  say_number("made", made);
  TRIAL("hard", link("/etc/passwd", "hard"));
  TRIAL("hard of the product", link("/glovebox/product/program", "hard-product"));
  TRIAL("hard of the job", link("/glovebox/input.json", "hard-job"));
  put("real", "real");
  link("real", "real-twice");
`,
        bash: String.raw`
mkdir inside
made=0
for pair in "$TARGET_FILE to-file" "$TARGET_FOLDER to-folder" '/etc/passwd to-passwd' \
  '/proc/self/environ inside/to-environment' '/glovebox/input.json to-product' 'loop loop' '.. inside/up'; do
  ln -s $pair && ((++made))
done
printf '{"made":%d}\n' "$made"
trial hard ln /etc/passwd hard
trial 'hard of the product' ln /opt/glovebox/bash/park.bash hard-product
trial 'hard of the job' ln /glovebox/input.json hard-job
printf real >real
ln real real-twice
`,
        javascript: String.raw`
fs.mkdirSync("inside");
const links = [[told.TARGET_FILE, "to-file"], [told.TARGET_FOLDER, "to-folder"], ["/etc/passwd", "to-passwd"],
  ["/proc/self/environ", "inside/to-environment"], ["/glovebox/input.json", "to-product"], ["loop", "loop"], ["..", "inside/up"]];
for (const [target, path] of links) fs.symlinkSync(target, path);
say("made", links.length);
trial("hard", () => fs.linkSync("/etc/passwd", "hard"));
trial("hard of the product", () => fs.linkSync("/opt/glovebox/javascript/park.cjs", "hard-product"));
trial("hard of the job", () => fs.linkSync("/glovebox/input.json", "hard-job"));
fs.writeFileSync("real", "real");
fs.linkSync("real", "real-twice");
`,
      },
      holds: ({ execution, report }) => {
        expect(report).toMatchObject({ made: 7, "hard of the job": "EXDEV" });
        for (const name of ["hard", "hard of the product"]) expect(["EXDEV", "EPERM"]).toContain(report[name]);
        expect([execution.outcome, paths(execution)]).toEqual([ran, ["real", "real-twice"]]);
        expect(execution.warnings.filter((line) => line.includes("not a regular file"))).toHaveLength(7);
      },
      control: onlyReal,
    },
    {
      id: "artifacts.special-files",
      programs: {
        c: String.raw`
  TRIAL("pipe", mkfifo("pipe", 0666));
  struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "socket"};
  TRIAL("socket", bind(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&address, sizeof address));
  TRIAL("disk", mknod("disk", S_IFBLK | 0666, makedev(254, 0)));
  TRIAL("zero", mknod("zero", S_IFCHR | 0666, makedev(1, 5)));
  TRIAL("zero high", syscall(SYS_mknodat, AT_FDCWD, "zero", S_IFCHR | 0666 | 1L << 40, 0x105L));
  put("real", "real");
  if (fork() == 0) {
    open("pipe", O_RDWR); /* so that a reader of the pipe would wait for ever */
    pause_for(600);
  }
`,
        bash: String.raw`
trial pipe mkfifo pipe
trial disk mknod disk b 254 0
trial zero mknod zero c 1 5
printf real >real
(exec 9<>pipe; trap '' HUP TERM; sleep 600) &
`,
        javascript: String.raw`
const made = child.spawnSync("mkfifo", ["pipe"]);
say("pipe", made.status === 0 ? "ok" : String(made.stderr));
const server = net.createServer().listen("socket");
await new Promise((resolve) => server.on("listening", resolve));
fs.writeFileSync("real", "real");
process.kill(process.pid, "SIGKILL"); // so that Node does not take its socket away
`,
      },
      holds: ({ execution, report, language }) => {
        expect(report.pipe).toBe("ok");
        const devices = { bash: ["disk", "zero"], javascript: [], c: ["disk", "zero", "zero high"] }[language];
        for (const name of devices) expect([name, report[name]]).toEqual([name, "EPERM"]);
        expect(paths(execution)).toEqual(["real"]);
        expect(execution.warnings).toContain('artifact "pipe" was left out: not a regular file');
      },
      control: onlyReal,
    },
    {
      id: "artifacts.names",
      programs: {
        c: String.raw`
  static const char *names[] = {"new\nline", "bell\a", "escape\033[2J", "not-utf8-\377\376", "right\342\200\256left",
    "...", "..\\..\\windows", " ", "-rf", "__proto__", "%2e%2e", "constructor"};
  for (unsigned index = 0; index < sizeof names / sizeof *names; index++) put(names[index], "x");
`,
        bash: String.raw`
for name in $'new\nline' $'bell\a' $'escape\e[2J' $'not-utf8-\377\376' $'right\u202eleft' \
  ... '..\..\windows' ' ' -rf __proto__ %2e%2e constructor; do printf x >"./$name"; done
`,
        javascript: String.raw`
const names = ["new\nline", "bell\x07", "escape\x1b[2J", "right\u202eleft", "...", "..\\..\\windows", " ", "-rf", "__proto__",
  "%2e%2e", "constructor"];
for (const name of names) fs.writeFileSync(name, "x");
fs.writeFileSync(Buffer.from("not-utf8-\xff\xfe", "latin1"), "x");
`,
      },
      holds: ({ execution }) => {
        const good = ["...", "..\\..\\windows", " ", "-rf", "__proto__", "%2e%2e", "constructor"];
        expect([execution.outcome, paths(execution).sort()]).toEqual([ran, good.sort()]);
        expect(execution.warnings.filter((line) => line.includes("cannot be printed"))).toHaveLength(5);
        for (const line of execution.warnings) expect(/\p{C}/u.test(line)).toBe(false);
      },
      control: onlyReal,
    },
    {
      id: "artifacts.deep-trees",
      programs: {
        c: String.raw`
  long depth = 0;
  while (depth < amount && mkdir("d", 0755) == 0 && chdir("d") == 0) depth++;
  put("bottom", "x");
  put("/workspace/top", "x");
  say_number("depth", depth);
`,
        bash: String.raw`
depth=0
while ((depth < amount)) && mkdir d && cd -P d; do ((++depth)); done 2>/dev/null
printf x >bottom
printf x >/workspace/top
printf '{"depth":%d}\n' "$depth"
`,
        javascript: String.raw`
let depth = 0;
try {
  for (; depth < amount; depth++) {
    fs.mkdirSync("d");
    process.chdir("d");
  }
} catch {}
outcome(() => fs.writeFileSync("bottom", "x"));
fs.writeFileSync("/workspace/top", "x");
say("depth", depth);
`,
      },
      amount: 150,
      holds: ({ execution, report }) => {
        expect([execution.outcome, paths(execution)]).toEqual([ran, ["top"]]);
        expect(Number(report.depth)).toBeGreaterThan(100);
      },
      control: onlyReal,
    },
    {
      id: "artifacts.long-paths",
      programs: {
        c: String.raw`
  memset(room, 'p', 250);
  room[250] = 0;
  for (int part = 0; part < 5; part++) {
    mkdir(room, 0755);
    if (chdir(room) != 0) return 1;
    put("here", "x");
  }
`,
        bash: String.raw`
printf -v name '%250s' ''
name=${"$"}{name// /p}
for part in 1 2 3 4 5; do mkdir "$name"; cd -P "$name"; printf x >here; done
`,
        javascript: String.raw`
for (let part = 0; part < 5; part++) {
  fs.mkdirSync("p".repeat(250));
  process.chdir("p".repeat(250));
  fs.writeFileSync("here", "x");
}
`,
      },
      holds: ({ execution }) => {
        expect([execution.outcome, paths(execution).map((path) => path.length)]).toEqual([ran, [255]]);
        expect(execution.warnings.filter((line) => line.includes("more than 500 characters"))).toHaveLength(4);
      },
      control: onlyReal,
    },
    {
      id: "artifacts.sparse",
      programs: {
        c: String.raw`
  for (int number = 0; number < 100; number++) {
    char name[32];
    snprintf(name, sizeof name, "hole-%03d", number);
    int file = open(name, O_WRONLY | O_CREAT, 0600);
    if (ftruncate(file, 1 << 23) != 0) return 1;
    close(file);
  }
`,
        bash: "truncate --size 8M hole-{000..099}",
        javascript: String.raw`
for (let number = 0; number < 100; number++) {
  const name = "hole-" + String(number).padStart(3, "0");
  fs.closeSync(fs.openSync(name, "w"));
  fs.truncateSync(name, 1 << 23);
}
`,
      },
      request: { limits: { diskBytes: 1 << 23 } },
      holds: ({ execution }) => {
        // All of them together may come out as large as the disk limit, and no larger.
        expect(execution.artifacts.map(({ path, size }) => [path, size])).toEqual([["hole-000", 1 << 23]]);
        expect(execution.outcome).toEqual(ran);
      },
      control: onlyReal,
    },
    {
      id: "artifacts.holes",
      programs: {
        c: String.raw`
  int file = open("huge", O_WRONLY | O_CREAT, 0600);
  if (ftruncate(file, 200 << 20) != 0) return 1;
  put("kept", "x");
`,
        bash: "truncate --size 200M huge; printf x >kept",
        javascript: String.raw`
fs.closeSync(fs.openSync("huge", "w"));
fs.truncateSync("huge", 200 << 20);
fs.writeFileSync("kept", "x");
`,
      },
      request: { limits: { diskBytes: 1 << 28 } },
      holds: ({ execution }) => {
        expect(execution.artifacts.map(({ path }) => path)).toEqual(["kept"]);
        expect(execution.outcome).toEqual(ran);
      },
      control: onlyReal,
    },
    {
      id: "artifacts.many",
      programs: {
        c: String.raw`
  for (int number = 0; number < amount; number++) {
    char name[32];
    snprintf(name, sizeof name, "file-%05d", number);
    close(open(name, O_WRONLY | O_CREAT, 0600));
  }
`,
        bash: 'for ((number = 0; number < amount; number++)); do : >"file-$number"; done',
        javascript: 'for (let number = 0; number < amount; number++) fs.writeFileSync("file-" + number, "");',
      },
      amount: 2_000,
      holds: ({ execution }) => {
        expect([execution.outcome, execution.artifacts.length]).toEqual([ran, 1_000]);
        expect(execution.warnings.length).toBeLessThanOrEqual(101);
      },
      control: onlyReal,
    },
    {
      id: "artifacts.permissions",
      programs: {
        c: String.raw`
  put("secret", "x");
  mkdir("closed", 0755);
  put("closed/inner", "x");
  chmod("secret", 0);
  chmod("closed", 0);
  chmod("/glovebox", 0);
  chmod("/workspace", 0);
`,
        bash: String.raw`
mkdir closed
printf x >secret
printf x >closed/inner
chmod 0 secret closed /glovebox /workspace
`,
        javascript: String.raw`
fs.writeFileSync("secret", "x");
fs.mkdirSync("closed");
fs.writeFileSync("closed/inner", "x");
for (const path of ["secret", "closed", "/glovebox", "/workspace"]) fs.chmodSync(path, 0);
`,
      },
      holds: ({ execution }) => {
        expect([execution.outcome, paths(execution)]).toEqual([ran, ["closed/inner", "secret"]]);
      },
      control: onlyReal,
    },
  ],
};
