import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { type AttackGround, openGround, type Report } from "../support/attack-ground.ts";
import { proves } from "../support/attack-proof.ts";
import { attempts } from "./kernel-attempts.ts";
import type { RequirementId } from "./requirements.ts";

/*
 * Calls of the kernel that no program needs. One program tries them all, each in a process of its own, three
 * times: in a sandbox; in throwaway namespaces where it is root, which shows that the attempt is sound; and,
 * for what only root of the host may do, as a plain process with arguments that the kernel refuses for
 * another reason than permission. A test compares the three answers.
 */

let ground: AttackGround;
let inside: Report;
let contained: Report;
let plain: Report;
const isRoot = process.getuid?.() === 0;
const throwaway = [
  "unshare",
  "--user",
  "--map-root-user",
  "--mount",
  "--pid",
  "--fork",
  "--mount-proc",
  "--net",
  "--ipc",
  "--uts",
  "--cgroup",
];

beforeAll(async () => {
  ground = await openGround();
  ({ report: inside } = await ground.attack({ code: attempts, env: { KEYS: "20000" }, limits: { processes: 64 } }));
  contained = (await ground.control(attempts, throwaway)).report;
  // Outside of all namespaces only what the last part of the program holds is tried: it can do no harm.
  const harmless = attempts.slice(attempts.indexOf("# What only root of the host may do"));
  const head = `import platform\nroom = ctypes.create_string_buffer(4096)\ndef opened(descriptor):\n    os.close(descriptor)\n`;
  plain = (await ground.control(head + harmless)).report;
});
afterAll(() => ground.close());

/** The attempts under `names` have the answer `refused` in a sandbox, and another in the control. */
function refuses(
  id: RequirementId,
  refused: string,
  names: readonly string[],
  allowed: Record<string, unknown> = {},
): void {
  proves(id, names.length === 1 ? String(names[0]) : "", async () => {
    expect(pick(inside, names)).toEqual(Object.fromEntries(names.map((name) => [name, refused])));
    expect(pick(contained, names)).toEqual({ ...Object.fromEntries(names.map((name) => [name, "ok"])), ...allowed });
  });
}

/** Debian's kernels close the counters to whoever has no capability on the host (kernel.perf_event_paranoid 3). */
function perfIsOpen(): boolean {
  return Number(readFileSync("/proc/sys/kernel/perf_event_paranoid", "utf8")) < 3;
}

function pick(report: Report, names: readonly string[]): Report {
  return Object.fromEntries(names.map((name) => [name, report[name]]));
}

describe("interfaces of the kernel", () => {
  const kinds = ["mount", "cgroup", "uts", "ipc", "user", "pid", "net"];
  refuses(
    "kernel.unshare",
    "EPERM",
    kinds.map((kind) => `unshare ${kind}`),
  );
  refuses(
    "kernel.clone",
    "EPERM",
    kinds.flatMap((kind) => [`clone ${kind}`, `clone high ${kind}`]),
  );
  refuses("kernel.clone3", "ENOSYS", ["clone3"]);
  refuses("kernel.setns", "EPERM", ["setns uts", "setns net", "setns by pidfd"]);
  refuses("kernel.chroot", "EPERM", ["chroot", "pivot_root"], { pivot_root: "EINVAL" });
  refuses("kernel.mount", "EPERM", ["mount tmpfs", "mount proc", "mount bind", "remount", "umount"]);
  refuses("kernel.new-mount-calls", "EPERM", ["fsopen", "open_tree", "mount_setattr", "move_mount"], {
    move_mount: "EBADF",
  });
  refuses("kernel.ptrace", "EPERM", ["ptrace traceme", "ptrace attach", "ptrace seize", "ptrace parent"]);
  refuses(
    "kernel.other-memory",
    "EPERM",
    ["process_vm_readv", "process_vm_writev", "process_vm_readv warden", "pidfd_getfd", "kcmp"],
    { process_vm_readv: 8, process_vm_writev: 8, "process_vm_readv warden": 8 },
  );
  refuses("kernel.keyring", "EPERM", ["add_key", "request_key", "keyctl"], { request_key: "ENOKEY" });

  proves("kernel.keyring", "no key counts against the host's quota", async () => {
    expect(inside["key flood"]).toEqual([0, "EPERM"]);
    expect(contained["key flood"]).toEqual([3, null]);
  });

  refuses("kernel.perf", "EPERM", ["perf_event_open"], { perf_event_open: perfIsOpen() ? "ok" : "EACCES" });
  refuses("kernel.userfaultfd", "EPERM", ["userfaultfd"]);
  refuses("kernel.io-uring", "EPERM", ["io_uring_setup", "io_uring_register"], { io_uring_register: "ENOTSUP" });
  refuses("kernel.fanotify", "EPERM", ["fanotify_init"]);
  refuses("kernel.file-handles", "EPERM", ["name_to_handle_at"]);
  refuses("kernel.names", "EPERM", ["sethostname", "setdomainname"]);
  refuses("kernel.vmsplice", "EPERM", ["vmsplice"]);
  refuses("kernel.personality", "ENOSYS", ["read implies execute", "other personality"]);
  refuses(
    "kernel.terminal-input",
    "EPERM",
    ["terminal input", "terminal input high", "terminal input higher", "line discipline high", "console"],
    {
      console: "ENOTTY",
    },
  );

  proves("kernel.unknown-calls", "", async () => {
    expect([inside["no such call"], contained["no such call"]]).toEqual(["ENOSYS", "ENOSYS"]);
  });

  if (process.arch === "x64") {
    refuses("kernel.segments-and-ports", "EPERM", ["modify_ldt", "iopl", "ioperm"], {
      // Some kernels are built without the latter two.
      iopl: expect.stringMatching(/^(ok|ENOSYS)$/),
      ioperm: expect.stringMatching(/^(ok|ENOSYS)$/),
    });

    proves("kernel.32-bit-entry", "", async () => {
      expect(inside["32-bit entry"]).toBe("SIGSYS");
      // A kernel without 32-bit calls answers the instruction with a fault; any other has the attempt succeed.
      expect([true, "SIGSEGV"]).toContain(contained["32-bit entry"]);
    });

    proves("kernel.x32-numbers", "", async () => {
      expect(pick(inside, ["x32 numbers", "x32 open"])).toEqual({ "x32 numbers": "SIGSYS", "x32 open": "SIGSYS" });
      // Most kernels are built without x32; then the host does not know the numbers.
      expect([true, "ENOSYS"]).toContain(contained["x32 numbers"]);
    });
  }

  proves("kernel.socket-families", "", async () => {
    const all = Array.from({ length: 64 }, (_, family) => family).filter((family) => ![1, 2, 10].includes(family));
    expect(inside.families).toEqual({ EAFNOSUPPORT: all });
    const made = (contained.families as Record<string, number[]>).ok ?? [];
    expect(made).toEqual(expect.arrayContaining([16, 17]));
  });

  proves("kernel.socket-families", "the kernel's crypto (AF_ALG) and virtual machine sockets (AF_VSOCK)", async () => {
    for (const family of [38, 40]) {
      expect((inside.families as Record<string, number[]>).EAFNOSUPPORT).toContain(family);
      // On the host they are there, or the kernel is built without them and gives the same answer.
      const answers = Object.entries(contained.families as Record<string, number[]>);
      const seen = answers.filter(([, which]) => which.includes(family)).map(([answer]) => answer);
      expect(seen.includes("ok") || seen.includes("EAFNOSUPPORT")).toBe(true);
    }
  });

  proves("kernel.socket-families", "numbers beyond 32 bits", async () => {
    const names = ["netlink high", "packet high"];
    expect(pick(inside, names)).toEqual({ "netlink high": "ENOSYS", "packet high": "ENOSYS" });
    expect(pick(contained, names)).toEqual({ "netlink high": "ok", "packet high": "ok" });
    expect(["ENOSYS", "EAFNOSUPPORT"]).toContain(inside["negative family"]);
  });

  refuses("kernel.raw-sockets", "EPERM", ["raw", "raw 6"]);

  /** Answers of root on the host to arguments that are wrong: it came as far as looking at them. */
  const asRoot: Record<string, readonly unknown[]> = {
    open_by_handle_at: ["ESTALE", "EINVAL"],
    bpf: ["ok"],
    init_module: ["ENOEXEC", "EFAULT", "ENOSYS"],
    finit_module: ["EBADF", "ENOSYS"],
    delete_module: ["ENOENT", "ENOSYS"],
    kexec_load: ["EINVAL", "ENOSYS"],
    reboot: ["EINVAL"],
    swapon: ["ENOENT", "ENOSYS"],
    swapoff: ["ENOENT", "ENOSYS"],
    clock_settime: ["EINVAL"],
    settimeofday: ["ok"],
    adjtimex: ["ok"],
    syslog: ["ok"],
    acct: ["ENOENT", "ENOSYS"],
    mknod: ["ok"],
  };
  const administration: Partial<Record<RequirementId, readonly string[]>> = {
    "kernel.file-handles": ["open_by_handle_at"],
    "kernel.bpf": ["bpf"],
    "kernel.modules": ["init_module", "finit_module", "delete_module"],
    "kernel.kexec-and-reboot": ["kexec_load", "reboot"],
    "kernel.swap": ["swapon", "swapoff"],
    "kernel.clock": ["clock_settime", "adjtimex", "settimeofday"],
    "kernel.log-and-accounting": ["syslog", "acct"],
    "kernel.device-nodes": ["mknod"],
  };
  for (const [id, names] of Object.entries(administration)) {
    proves(id as RequirementId, "", async () => {
      expect(pick(inside, names)).toEqual(Object.fromEntries(names.map((name) => [name, "EPERM"])));
      for (const name of names) {
        // An ordinary user of the host is refused like the program, or comes as far as root does.
        const expected = isRoot ? asRoot[name] : [...(asRoot[name] ?? []), "EPERM"];
        expect([name, expected]).toEqual([name, expect.arrayContaining([plain[name]])]);
      }
    });
  }
});
