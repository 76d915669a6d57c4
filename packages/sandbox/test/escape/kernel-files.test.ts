import { afterAll, beforeAll, describe, expect } from "vitest";
import { type AttackGround, openGround } from "../support/attack-ground.ts";
import { proves } from "../support/attack-proof.ts";

let ground: AttackGround;
beforeAll(async () => {
  ground = await openGround();
});
afterAll(() => ground.close());

describe("devices and files of the kernel", () => {
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
      code: `
def read(path):
    with open(path, "rb") as file:
        return len(file.read(1 << 16))
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
});
