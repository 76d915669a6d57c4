import { readdirSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { type AttackGround, openGround } from "../support/attack-ground.ts";
import { proves } from "../support/attack-proof.ts";

let ground: AttackGround;
beforeAll(async () => {
  ground = await openGround();
});
afterAll(() => ground.close());

const checkout = fileURLToPath(new URL("../../../..", import.meta.url)).replace(/\/$/, "");

const look = `
def read(path):
    with open(path, "rb") as file:
        return len(file.read(1 << 16))
def see(path):
    return sorted(os.listdir(path)) if os.path.isdir(path) else os.stat(path).st_size
`;

describe("files of the host and of neighbours", () => {
  proves("files.host-folders", "", async () => {
    const paths = [
      "/root",
      "/home",
      "/boot",
      "/opt",
      "/srv",
      "/sys",
      "/media",
      "/lost+found",
      "/var/lib",
      "/var/log",
      "/etc/shadow",
      "/etc/ssh",
      "/etc/ssl/private",
      checkout,
      tmpdir() === "/tmp" ? "/tmp/.X11-unix" : tmpdir(),
    ];
    const code = `${look}
for path in json.loads(os.environ["PATHS"]) + [target["folder"], target["file"], target["pathname"]]:
    found[path] = outcome(lambda: see(path))
    found["read " + path] = outcome(lambda: read(path))
finish()
`;
    const { report } = await ground.attack({ code, env: { PATHS: JSON.stringify(paths) } });
    expect([...new Set(Object.values(report))]).toEqual(["ENOENT"]);
    const { report: control } = await ground.control(`os.environ["PATHS"] = '["/home", "/sys"]'\n${code}`);
    expect(control["/sys"]).toContain("kernel");
    expect(control[`read ${ground.canaries.target.file}`]).toBe(41);
  });

  proves("files.host-users", "", async () => {
    const code = `
import pwd
found["users"] = sorted({entry.pw_name for entry in pwd.getpwall()})
found["files"] = sorted(os.listdir("/etc"))
finish()
`;
    const { report } = await ground.attack({ code });
    expect(["root", "root,sandbox"]).toContain((report.users as string[]).join());
    const known = [
      "alternatives",
      "debian_version",
      "fonts",
      "group",
      "hostname",
      "hosts",
      "ld.so.cache",
      "localtime",
      "matplotlibrc",
      "mime.types",
      "nsswitch.conf",
      "os-release",
      "passwd",
      "resolv.conf",
      "timezone",
    ];
    expect((report.files as string[]).filter((name) => !known.includes(name))).toEqual([]);
    expect((await ground.control(code)).report.users).toContain("daemon");
  });

  proves("files.host-environment", "", async () => {
    const code = `
seen = {name: "HOST_CANARY" in open(f"/proc/{name}/environ").read() for name in ("self", os.getpid())}
report(inherited="HOST_CANARY" in os.environ, memory=seen["self"], names=sorted(name for name in os.environ if name not in ("TARGET",)))
`;
    const { report } = await ground.attack({ code });
    expect(report).toMatchObject({ inherited: false, memory: false });
    expect(report.names).not.toContain("HOST_CANARY");
    const { report: control } = await ground.control(`
open_listener = open(f"/proc/{target['listener']}/environ").read()
report(memory="HOST_CANARY" in open_listener)
`);
    expect(control).toEqual({ memory: true });
  });

  proves("files.runtime-folder", "", async () => {
    // Programs see in /proc/self/mountinfo where their inputs lie, and could tell another user of the host.
    let listings: { path: string; listed: string }[] = [];
    const { report } = await ground.attack({
      code: `
found["runtime"] = os.listdir("/run")
found["inputs"] = outcome(lambda: os.listdir("/inputs"))
finish()
`,
      files: [{ name: "large", content: "x".repeat(2 * 1024 * 1024) }],
      during: async (run) => {
        for await (const event of run.events())
          if (event.type === "started") listings = await listAsOther(runtimeFolders());
      },
    });
    expect(report.runtime).toEqual([]);
    expect([[], "ENOENT"]).toContainEqual(report.inputs);
    expect(listings.length).toBeGreaterThan(2);
    expect(listings.filter(({ listed }) => listed !== "EACCES")).toEqual([]);
  });

  proves("files.warden", "", async () => {
    const code = `${look}
for name in ("environ", "mem", "maps", "smaps", "root", "cwd", "exe", "fd", "fdinfo", "cmdline", "status", "stat", "mounts", "mountinfo", "ns", "task", "auxv", "syscall", "stack", "io", "net", "map_files", "oom_score_adj", "comm", "limits"):
    found[name] = outcome(lambda: read(f"/proc/{victim}/{name}") if not os.path.isdir(f"/proc/{victim}/{name}") else see(f"/proc/{victim}/{name}"))
for name in ("root/etc/passwd", "cwd/etc/passwd", "root/run/glovebox/host.sock", "fd/0", "fd/1", "fd/3", "ns/user", "task/1/mem"):
    found["in " + name] = outcome(lambda: read(f"/proc/{victim}/{name}"))
for name in ("mem", "oom_score_adj", "comm", "fd/1", "fd/4", "clear_refs", "uid_map"):
    found["write " + name] = outcome(lambda: os.close(os.open(f"/proc/{victim}/{name}", os.O_WRONLY)))
finish()
`;
    const { report } = await ground.attack({ code: `victim = 1\n${code}` });
    expect([...new Set(Object.values(report))]).toEqual(["ENOENT"]);
    const { report: control } = await ground.control(`victim = target["listener"]\n${code}`);
    expect(control).toMatchObject({
      environ: expect.any(Number),
      maps: expect.any(Number),
      fd: expect.arrayContaining(["0", "1"]),
      "write mem": "ok",
    });
  });

  proves("files.through-proc", "", async () => {
    const code = `${look}
import glob
seen = set()
for pattern in ("/proc/*/root", "/proc/*/cwd", "/proc/*/task/*/root", "/proc/*/fd/*"):
    for path in glob.glob(pattern):
        for name in (target["file"], "/etc/shadow", "/root", "/workspace/secret"):
            if outcome(lambda: os.stat(path + name)) not in ("ENOENT", "ENOTDIR", "EACCES", "EPERM", "ELOOP"):
                seen.add(name)
report(seen=sorted(seen))
`;
    const { report } = await ground.attack({ code });
    expect(report).toEqual({ seen: [] });
    expect((await ground.control(code)).report.seen).toContain(ground.canaries.target.file);
  });

  proves("files.neighbour", "", async () => {
    const code = `
found["workspace"] = sorted(os.listdir("/workspace"))
found["tmp"] = outcome(lambda: os.listdir("/tmp"))
found["shm"] = os.listdir("/dev/shm")
found["terminals"] = sorted(name for name in os.listdir("/dev/pts") if name != "ptmx")
found["terminal"] = outcome(lambda: os.write(os.open(target["neighbourTerminal"], os.O_WRONLY | os.O_NOCTTY), b"typed"))
found["segments"] = len(open("/proc/sysvipc/shm").read().splitlines()) - 1
finish()
`;
    const { report } = await ground.attack({ code });
    expect(report).toEqual({ workspace: [], tmp: [], shm: [], terminals: [], terminal: "ENOENT", segments: 0 });
    const { report: control } = await ground.control(`
primary, secondary = os.openpty()
other = os.open(os.ttyname(secondary), os.O_WRONLY | os.O_NOCTTY)
report(terminal=os.write(other, b"typed"))
`);
    expect(control).toEqual({ terminal: 5 });
  });

  proves("files.devices", "", async () => {
    const code = `
devices = ["mem", "kmem", "port", "kmsg", "sda", "vda", "nvme0n1", "loop0", "loop-control", "kvm", "fuse", "vsock", "vhost-net", "net/tun", "userfaultfd", "zram0", "console", "tty0", "tty1", "ttyS0", "vcs", "hwrng", "input", "dri", "snapshot", "cpu", "mapper/control", "btrfs-control", "autofs", "uinput", "disk", "shm/../sda", "rtc", "nvram", "watchdog"]
for name in devices:
    found[name] = outcome(lambda: os.close(os.open("/dev/" + name, os.O_RDONLY | os.O_NONBLOCK)))
found["all"] = sorted(os.listdir("/dev"))
found["controlling"] = outcome(lambda: os.close(os.open("/dev/tty", os.O_RDWR)))
found["blocks"] = outcome(lambda: os.listdir("/sys/dev/block"))
finish()
`;
    const { report } = await ground.attack({ code });
    const { all, controlling, blocks, ...devices } = report;
    expect([...new Set(Object.values(devices))]).toEqual(["ENOENT"]);
    const harmless = [
      "core",
      "fd",
      "full",
      "null",
      "ptmx",
      "pts",
      "random",
      "shm",
      "stderr",
      "stdin",
      "stdout",
      "tty",
      "urandom",
      "zero",
    ];
    expect([all, controlling, blocks]).toEqual([harmless, "ENXIO", "ENOENT"]);
    expect((await ground.control(code)).report.all).toContain("kmsg");
  });

  proves("files.kernel-settings", "", async () => {
    const code = `
def write(path):
    descriptor = os.open(path, os.O_WRONLY)
    try:
        status = os.fstat(descriptor)
        if os.major(status.st_rdev) == 1 and os.minor(status.st_rdev) == 3:
            return "null device"
        return os.write(descriptor, b"1\\n")
    finally:
        os.close(descriptor)
settings = ["kernel/core_pattern", "kernel/hostname", "kernel/modprobe", "kernel/sysrq", "kernel/randomize_va_space", "vm/drop_caches", "vm/overcommit_memory", "fs/file-max", "net/ipv4/ip_forward", "net/ipv4/ping_group_range", "user/max_user_namespaces", "kernel/ns_last_pid", "fs/binfmt_misc/register", "kernel/pty/max", "kernel/yama/ptrace_scope", "kernel/keys/maxkeys"]
for name in settings:
    found[name] = outcome(lambda: write("/proc/sys/" + name))
for path in ("/proc/sysrq-trigger", "/proc/kcore", "/proc/kmsg", "/proc/irq/0/smp_affinity", "/proc/bus/pci", "/proc/fs", "/proc/mtrr", "/proc/acpi/wakeup", "/proc/timer_list", "/proc/self/uid_map", "/proc/self/setgroups", "/proc/pressure/memory", "/sys/kernel/uevent_helper", "/sys/fs/cgroup/release_agent", "/sys/power/state"):
    found[path] = outcome(lambda: write(path))
finish()
`;
    const { report } = await ground.attack({ code });
    for (const [path, answer] of Object.entries(report)) {
      expect([path, ["EROFS", "EACCES", "EPERM", "ENOENT", "EISDIR", "null device"]]).toEqual([
        path,
        expect.arrayContaining([answer]),
      ]);
    }
    const { report: control } = await ground.control(
      `
report(setting=outcome(lambda: os.write(os.open("/proc/sys/user/max_user_namespaces", os.O_WRONLY), b"5\\n")))
`,
      ["unshare", "--user", "--map-root-user"],
    );
    expect(control).toEqual({ setting: 2 });
  });

  proves("files.kernel-secrets", "", async () => {
    const { report } = await ground.attack({
      code: `${look}
for name in ("kcore", "kmsg", "kallsyms", "keys", "key-users", "timer_list", "sched_debug", "slabinfo", "vmallocinfo", "modules", "sysrq-trigger", "pagetypeinfo", "kpageflags", "kpagecount", "kpagecgroup"):
    found[name] = outcome(lambda: read("/proc/" + name))
found["addresses"] = sum(line.split("-")[0].strip("0 ") != "" for line in open("/proc/iomem"))
pages = os.open("/proc/self/pagemap", os.O_RDONLY)
os.lseek(pages, id(found) // 4096 * 8, 0)
found["frame"] = int.from_bytes(os.read(pages, 8), "little") & (1 << 55) - 1
finish()
`,
    });
    const { addresses, frame, ...files } = report;
    for (const [name, answer] of Object.entries(files))
      expect([name, ["ok", "ENOENT", "EACCES", "EPERM"]]).toEqual([name, expect.arrayContaining([answer])]);
    expect([addresses, frame]).toEqual([0, 0]);
  });

  proves("files.read-only-inputs", "", async () => {
    const content = "x".repeat(2 * 1024 * 1024);
    const { execution, report } = await ground.attack({
      code: `
def attempt(flags):
    os.write(os.open("large", flags), b"changed")
found["write"] = outcome(lambda: attempt(os.O_WRONLY))
found["truncate"] = outcome(lambda: attempt(os.O_WRONLY | os.O_TRUNC))
found["chmod"] = outcome(lambda: os.chmod("large", 0o777))
found["chown"] = outcome(lambda: os.chown("large", os.getuid(), os.getgid()))
found["times"] = outcome(lambda: os.utime("large"))
found["unlink"] = outcome(lambda: os.unlink("large"))
found["rename"] = outcome(lambda: os.rename("large", "small"))
found["link"] = outcome(lambda: os.link("large", "second"))
found["attribute"] = outcome(lambda: os.setxattr("large", "user.owned", b"1"))
found["memory"] = outcome(lambda: __import__("mmap").mmap(os.open("large", os.O_RDONLY), 4096, prot=3) and None)
found["reopened"] = outcome(lambda: os.open(f"/proc/self/fd/{os.open('large', os.O_RDONLY)}", os.O_WRONLY))
found["staged"] = outcome(lambda: os.listdir("/inputs"))
finish()
`,
      files: [{ name: "large", content }],
    });
    const { staged, memory, ...answers } = report;
    for (const [name, answer] of Object.entries(answers)) {
      expect([name, ["EROFS", "EACCES", "EPERM", "EBUSY", "EXDEV"]]).toEqual([name, expect.arrayContaining([answer])]);
    }
    expect([[], "ENOENT"]).toContainEqual(staged);
    expect(memory).toBe("EACCES");
    expect(execution.artifacts).toEqual([]);
  });
});

/** The folders of this process's instances that hold sockets and inputs, from the outermost to the innermost. */
function runtimeFolders(): string[] {
  const root = join(tmpdir(), `glovebox-${process.getuid?.()}`);
  const below = (folder: string): string[] =>
    readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !["etc", "runners"].includes(entry.name))
      .flatMap((entry) => [join(folder, entry.name), ...below(join(folder, entry.name))]);
  return below(root).filter((path) => path.startsWith(join(root, `${process.pid}-`)));
}

/** What a user of the host who is neither root nor this one gets for an attempt to list each folder. */
async function listAsOther(folders: readonly string[]): Promise<{ path: string; listed: string }[]> {
  if (process.getuid?.() !== 0) {
    // Nobody else can be asked: what the mode gives to others is what they would get.
    const lets = (path: string, right: number) => (statSync(path).mode & right) !== 0;
    const enters = (path: string) => folders.every((folder) => !path.startsWith(`${folder}/`) || lets(folder, 0o001));
    return folders.map((path) => ({ path, listed: enters(path) && lets(path, 0o004) ? "ok" : "EACCES" }));
  }
  const code = `for path in ${JSON.stringify(folders)}:\n    found[path] = outcome(lambda: os.listdir(path) and "ok")\nfinish()\n`;
  const { report } = await ground.control(code, ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]);
  return Object.entries(report).map(([path, listed]) => ({ path, listed: String(listed) }));
}
