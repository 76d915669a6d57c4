import { afterAll, beforeAll, describe, expect } from "vitest";
import { type AttackGround, openGround } from "../support/attack-ground.ts";
import { proves } from "../support/attack-proof.ts";

let ground: AttackGround;
beforeAll(async () => {
  ground = await openGround();
});
afterAll(() => ground.close());

const isRoot = process.getuid?.() === 0;
/** A control as an ordinary user of the host, who owns nothing of the canaries. */
const asNobody = isRoot ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : [];

const status = `
def status(pid="self"):
    lines = dict(line.split(":\\t", 1) for line in open(f"/proc/{pid}/status").read().splitlines() if ":\\t" in line)
    return lines
`;

describe("privileges", () => {
  proves("privileges.none", "", async () => {
    const { report } = await ground.attack({
      code: `${status}
own = status()
for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
    found[name] = int(own[name], 16)
found["NoNewPrivs"], found["Seccomp"], found["Groups"] = own["NoNewPrivs"], own["Seccomp"], own["Groups"].split()
found["ids"] = sorted({*own["Uid"].split(), *own["Gid"].split()})
found["securebits"] = libc.prctl(27, 0, 0, 0, 0)
finish()
`,
    });
    const { ids, Groups: groups, ...rest } = report;
    const none = { CapInh: 0, CapPrm: 0, CapEff: 0, CapBnd: 0, CapAmb: 0 };
    expect(rest).toEqual({ ...none, NoNewPrivs: "1", Seccomp: "2", securebits: 0b11101111 });
    const separate = ground.sandboxes.isolation.uids === "separate";
    expect(ids).toHaveLength(1);
    // A shared uid is the user's own, under the name 0 in the sandbox's user namespace; its groups stay, too.
    expect(Number((ids as string[])[0]) >= 1_000).toBe(separate);
    if (separate) expect(groups).toEqual([]);
  });

  proves("privileges.regained", "", async () => {
    const code = `
import resource
def try_ids(*ids):
    return {str(one): outcome(lambda: os.setresuid(one, one, one)) for one in ids}
other = os.getuid() + 1
found["setuid"] = outcome(lambda: os.setresuid(other, other, other))
found["setgid"] = outcome(lambda: os.setresgid(other, other, other))
found["setgroups"] = outcome(lambda: os.setgroups([other]))
found["capset"] = outcome(lambda: syscall("capset", struct.pack("Ii", 0x20080522, 0), struct.pack("6I", *[0xFFFFFFFF] * 6)))
found["ambient"] = outcome(lambda: syscall("prctl", 47, 2, 21, 0, 0))
found["securebits"] = outcome(lambda: syscall("prctl", 28, 0, 0, 0, 0))
found["keepcaps"] = outcome(lambda: syscall("prctl", 8, 1, 0, 0, 0))
found["new privileges"] = outcome(lambda: syscall("prctl", 38, 0, 0, 0, 0))
found["filter off"] = outcome(lambda: syscall("prctl", 22, 0, 0, 0, 0))
found["chown"] = outcome(lambda: (open("/tmp/owned-" + target["abstract"], "w").close(), os.chown("/tmp/owned-" + target["abstract"], other, other))[1])
found["uid map"] = outcome(lambda: os.write(os.open("/proc/self/uid_map", os.O_WRONLY), b"0 0 1"))
finish()
`;
    const { report } = await ground.attack({ code });
    const separate = ground.sandboxes.isolation.uids === "separate";
    // In a namespace of one uid other ids do not even exist.
    const foreign = separate ? "EPERM" : "EINVAL";
    expect(report).toEqual({
      setuid: foreign,
      setgid: foreign,
      setgroups: "EPERM",
      capset: "EPERM",
      ambient: "EPERM",
      securebits: "EPERM",
      keepcaps: "EPERM",
      "new privileges": "EINVAL",
      "filter off": "EINVAL",
      chown: foreign,
      "uid map": expect.stringMatching(/^(EPERM|EACCES)$/),
    });
    if (isRoot) {
      const { report: control } = await ground.control(
        `${code.replaceAll("/tmp/owned-", `${ground.canaries.folder}/owned-`)}`,
      );
      // Ids changed first, so that what comes after is done by an ordinary user who still gains nothing of it.
      expect([control.setuid, control.securebits]).toEqual(["ok", expect.anything()]);
    }
  });

  const runSetUid = `${status}
import subprocess
programs = [path for path in ("/usr/bin/su", "/usr/bin/sudo", "/usr/bin/mount", "/usr/bin/passwd", "/usr/bin/newuidmap", "/usr/bin/chsh") if os.path.exists(path) and os.stat(path).st_mode & 0o4000]
def effective(path):
    # It ends by itself, because nobody gives a password. Until it is waited for its rights are those it ended with.
    child = os.fork()
    if child == 0:
        os.setsid()
        null = os.open("/dev/null", os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(null, descriptor)
        try:
            os.execv(path, [path])
        finally:
            os._exit(127)
    try:
        os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
        seen = status(child)
        return [seen["Uid"].split()[1], int(seen["CapEff"], 16)]
    except OSError as error:
        return said(error.errno)
    finally:
        os.waitpid(child, 0)
found["su"] = effective("/usr/bin/su")
found["before"] = [status()["Uid"].split()[1], 0]
found["programs"] = len(programs)
found["ids"] = subprocess.run(["su", "-c", "id -u"], stdin=subprocess.DEVNULL, capture_output=True, text=True).stdout
found["sudo"] = subprocess.run(["sudo", "-n", "id", "-u"], stdin=subprocess.DEVNULL, capture_output=True, text=True).stdout if os.path.exists("/usr/bin/sudo") else ""
found["mount"] = subprocess.run(["mount", "-t", "tmpfs", "none", "/tmp"], stdin=subprocess.DEVNULL, capture_output=True).returncode != 0
finish()
`;

  proves("privileges.set-user-id", "", async () => {
    const { report } = await ground.attack({ code: runSetUid });
    expect(report.programs).toBeGreaterThan(0);
    expect(report.su).toEqual(report.before);
    expect([report.ids, report.sudo, report.mount]).toEqual(["", "", true]);
  });

  proves("privileges.set-user-id", "control: on the host the same program becomes root", async () => {
    const { report } = await ground.control(runSetUid, asNobody);
    expect(report.su).not.toEqual(report.before);
    // Its owner is root; a kernel that hides other users' processes from this one answers with an error.
    expect([["0", expect.any(Number)], "EACCES", "ENOENT"]).toContainEqual(report.su);
  });

  proves("privileges.own-set-user-id", "", async () => {
    const code = `${status}
import shutil
path = os.environ.get("PLACE", "/workspace") + "/shell"
shutil.copy("/bin/cat", path)
found["chmod"] = outcome(lambda: os.chmod(path, 0o6755))
import subprocess
seen = subprocess.run([path, "/proc/self/status"], capture_output=True, text=True).stdout
found["same"] = [line for line in seen.splitlines() if line.startswith(("Uid", "CapEff", "NoNewPrivs", "Seccomp:"))] == [
    line for line in open("/proc/self/status").read().splitlines() if line.startswith(("Uid", "CapEff", "NoNewPrivs", "Seccomp:"))]
found["file capability"] = outcome(lambda: os.setxattr(path, "security.capability", struct.pack("<5I", 0x02000001, 0xFFFFFFFF, 0, 0xFFFFFFFF, 0)))
finish()
`;
    const { report } = await ground.attack({ code });
    expect(report).toEqual({ chmod: "ok", same: true, "file capability": "EPERM" });
  });

  proves("privileges.limits", "", async () => {
    const code = `
import resource
for name in ("NOFILE", "NPROC", "FSIZE", "CPU", "MEMLOCK", "MSGQUEUE", "CORE", "NICE", "RTPRIO"):
    number = getattr(resource, "RLIMIT_" + name)
    soft, hard = resource.getrlimit(number)
    higher = hard if hard == -1 else hard + 1
    def change(values):
        try:
            resource.setrlimit(number, values)
        except ValueError:
            raise OSError(errno.EPERM, name)
    found[name] = outcome(lambda: change((soft, higher)))
    found["prlimit " + name] = outcome(lambda: syscall("prlimit64", os.getpid(), number, struct.pack("qq", soft, higher), 0))
finish()
`;
    const { report } = await ground.attack({ code });
    const answers = Object.entries(report).filter(([name]) => !(name.includes("NPROC") && report.NPROC === "ok"));
    expect(answers.filter(([, answer]) => answer !== "EPERM")).toEqual([]);
    // With cgroups and a shared uid there is no such limit to raise: the cgroup counts.
    if (report.NPROC === "ok")
      expect(ground.sandboxes.isolation).toMatchObject({ uids: "shared", cgroups: expect.stringMatching(/^v/) });
  });

  proves("privileges.limits", "no core file", async () => {
    const code = `
import resource
found["lower"] = outcome(lambda: syscall("prlimit64", 0, 4, struct.pack("qq", 0, 0), 0))
found["higher"] = outcome(lambda: syscall("prlimit64", 0, 4 | 1 << 40, struct.pack("qq", -1, -1), 0))
found["setrlimit"] = outcome(lambda: syscall("setrlimit", 4, struct.pack("qq", 1 << 30, 1 << 30)))
child = os.fork()
if child == 0:
    ctypes.string_at(0)
code = os.waitpid(child, 0)[1]
found["signal"], found["core"] = os.WTERMSIG(code), os.WCOREDUMP(code)
found["files"] = os.listdir(".") + os.listdir("/tmp")
finish()
sys.stdout.flush()
ctypes.string_at(0)
`;
    const { execution, report } = await ground.attack({ code });
    expect(report).toEqual({ lower: "EPERM", higher: "EPERM", setrlimit: "EPERM", signal: 11, core: false, files: [] });
    expect(execution.outcome).toEqual({ kind: "signalled", signal: "SIGSEGV", violations: [], stage: "run" });
    const { report: control } = await ground.control(`
found["lower"] = outcome(lambda: syscall("prlimit64", 0, 4, struct.pack("qq", 0, 0), 0))
finish()
`);
    expect(control).toEqual({ lower: "ok" });
  });

  proves("privileges.deep-recursion", "", async () => {
    const { execution } = await ground.attack({
      code: `
sys.setrecursionlimit(10**9)
class Deep:
    def __getattr__(self, name):
        return getattr(self, name + "x")
nested = []
for _ in range(10**6):
    nested = [nested]
print(len(repr(nested)))
`,
    });
    expect(execution.outcome).toEqual({ kind: "signalled", signal: "SIGSEGV", violations: [], stage: "run" });
  });

  proves("privileges.scheduling", "", async () => {
    const code = `
found["before"] = os.getpriority(os.PRIO_PROCESS, 0)
found["nice"] = outcome(lambda: os.setpriority(os.PRIO_PROCESS, 0, -5))
found["group"] = outcome(lambda: os.setpriority(os.PRIO_PGRP, 0, -5))
for name in ("SCHED_FIFO", "SCHED_RR"):
    found[name] = outcome(lambda: os.sched_setscheduler(0, getattr(os, name), os.sched_param(1)))
found["deadline"] = outcome(lambda: syscall("sched_setattr", 0, struct.pack("IIQiIQQQ", 48, 6, 0, 0, 0, 10**7, 10**8, 10**8), 0))
found["io"] = outcome(lambda: syscall("ioprio_set", 1, 0, 1 << 13))
finish()
`;
    const { report } = await ground.attack({ code });
    const { before, nice, group, ...others } = report;
    expect([before, nice, group, ...new Set(Object.values(others))]).toEqual([0, "EACCES", "EACCES", "EPERM"]);
    const { report: control } = await ground.control(code);
    // Root of the host may; its ordinary users are refused by the kernel as the program is.
    expect(control.nice).toBe(isRoot ? "ok" : "EACCES");
  });
});
