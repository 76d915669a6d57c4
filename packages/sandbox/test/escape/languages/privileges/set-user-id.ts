import { expect } from "vitest";
import type { Attack, Survey } from "../theme.ts";
import { capabilities } from "./ids.ts";

/**
 * Starts a set-user-id program, which ends because nobody gives it a password, and looks whose rights it had: they are
 * told as long as nobody has waited for it.
 */
const setUserId = {
  c: String.raw`
  char path[64], line[256];
  uid_t effective = -1;
  siginfo_t end;
  pid_t su = fork();
  if (su == 0) {
    int null = open("/dev/null", O_RDWR);
    for (int descriptor = 0; descriptor < 3; descriptor++) dup2(null, descriptor);
    execl("/usr/bin/su", "su", "-c", "true", NULL);
    _exit(1);
  }
  waitid(P_PID, su, &end, WEXITED | WNOWAIT);
  snprintf(path, sizeof path, "/proc/%d/status", su);
  FILE *status = fopen(path, "r");
  while (status != NULL && fgets(line, sizeof line, status)) sscanf(line, "Uid:\t%*u\t%u", &effective);
  say("su", status == NULL ? "hidden" : effective == getuid() ? "as before" : "other");
  waitpid(su, NULL, 0);
`,
  bash: String.raw`
# Bash waits for its children at once: this one has a parent that does not.
exec {number}< <(su -c true </dev/null >/dev/null 2>&1 & echo $!; exec sleep 600)
parent=$!
read -r su <&$number
while state=$(sed -n 's/^State:\t//p' "/proc/$su/status" 2>/dev/null) && [[ $state != Z* ]]; do sleep 0.02; done
answer=hidden
while IFS=$':\t' read -r name _ effective _; do
  if [[ $name == Uid ]]; then [[ $effective == "$EUID" ]] && answer='as before' || answer=other; fi
done 2>/dev/null <"/proc/$su/status"
say su "$answer"
kill -KILL "$parent"
cp /bin/cat "$PLACE/shell"
trial chmod chmod 6755 "$PLACE/shell"
"$PLACE/shell" /proc/self/status >"$PLACE/status"
line_of() { sed -n "s/^$1:\t//p" "$2" | tr '\t' ' '; }
for name in Uid CapEff NoNewPrivs Seccomp; do
  [[ $(line_of $name "$PLACE/status") == $(line_of $name /proc/self/status) ]] || say "own $name" other
done
rm -f "$PLACE/shell" "$PLACE/status"
`,
  javascript: String.raw`
const su = child.spawn("/usr/bin/su", ["-c", "true"], { stdio: "ignore" });
su.on("error", () => {});
try {
  let seen = "";
  // Node waits for its children between two turns of its loop: this is one turn.
  while (!/^State:\tZ/m.test(seen)) {
    seen = fs.readFileSync("/proc/" + su.pid + "/status", "utf8");
    pauseFor(0.02);
  }
  const effective = Number(/^Uid:\t\d+\t(\d+)/m.exec(seen)[1]);
  say("su", effective === process.geteuid() ? "as before" : "other");
} catch {
  say("su", "hidden");
}
const shell = told.PLACE + "/shell";
fs.copyFileSync("/bin/cat", shell);
trial("chmod", () => fs.chmodSync(shell, 0o6755));
const { stdout: status } = child.spawnSync(shell, ["/proc/self/status"], { encoding: "utf8" });
const lineOf = (name, text) => new RegExp("^" + name + ":.*$", "m").exec(text)[0];
const before = fs.readFileSync("/proc/self/status", "utf8");
for (const name of ["Uid", "CapEff", "NoNewPrivs", "Seccomp"]) {
  if (lineOf(name, status) !== lineOf(name, before)) say("own " + name, "other");
}
fs.unlinkSync(shell);
`,
} as const;

export const setUserIdBits: Survey = {
  name: "set-user-id",
  control: "ordinary",
  programs: setUserId,
  hints: { inside: { PLACE: "/workspace" } },
  answers: [
    {
      id: "privileges.set-user-id",
      inside: { su: "as before" },
      // A kernel that hides other users' processes from this one shows nothing.
      outside: { su: ["other", "hidden"] },
    },
    {
      id: "privileges.own-set-user-id",
      languages: ["bash", "javascript"],
      inside: { chmod: "ok" },
    },
  ],
};

export const ownProgram: Attack = {
  id: "privileges.own-set-user-id",
  variant: "its own program",
  programs: {
    c: String.raw`
  char path[4200];
  snprintf(path, sizeof path, "%s/self", told("PLACE"));
  int from = open("/proc/self/exe", O_RDONLY), to = open(path, O_WRONLY | O_CREAT, 0700);
  long size;
  while ((size = read(from, room, sizeof room)) > 0) write_all(to, room, size);
  close(to);
  TRIAL("chmod", chmod(path, 06755));
  if (amount == 0) { unlink(path); return 0; }
  amount = 0;
  struct { unsigned version; unsigned data[5]; } every = {0x02000001, {~0U, ~0U, ~0U, ~0U, 0}};
  TRIAL("file capability", setxattr(path, "security.capability", &every, 20, 0));
  if (spawned(fork()) < 0) return 1;
  execl(path, "self", "survey status", NULL);
`,
  },
  amount: 1,
  request: { env: { PLACE: "/workspace" } },
  holds: ({ report, isolation }) => {
    expect(report).toMatchObject({ chmod: "ok", "file capability": "EPERM", NoNewPrivs: "1", Seccomp: "2" });
    expect(report).toMatchObject(capabilities);
    if (isolation.uids === "separate") expect(report["can be root"]).toBe("is not");
  },
  control: { place: "ordinary", shows: ({ report }) => expect(report.chmod).toBe("ok") },
};
