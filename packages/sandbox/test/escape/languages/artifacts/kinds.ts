import { expect } from "vitest";
import type { Attack } from "../theme.ts";
import { onlyReal, paths, ran } from "./collected.ts";

/** What is no regular file, or does not let itself be read. */
export const kinds: readonly Attack[] = [
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
];
