import type { Survey } from "../theme.ts";
import { refused } from "./answers.ts";

/** Arguments that change nothing: root of the host comes as far as the kernel's own checks. */
const administration = String.raw`
  struct { unsigned size; int kind; char data[8]; } handle = {8, 1, ""};
  TRIAL("open_by_handle_at", syscall(SYS_open_by_handle_at, open("/usr", O_RDONLY), &handle, 0));
  struct { unsigned kind, key, value, entries, flags; char rest[52]; } map = {2, 4, 4, 1, 0, ""};
  TRIAL("bpf", syscall(SYS_bpf, 0, &map, sizeof map));
  TRIAL("init_module", syscall(SYS_init_module, 0L, 0L, ""));
  TRIAL("finit_module", syscall(SYS_finit_module, -1, "", 0));
  TRIAL("delete_module", syscall(SYS_delete_module, "no_such_module", 0x800));
  TRIAL("kexec_load", syscall(SYS_kexec_load, 0L, 0L, 0L, 0xffffL));
  TRIAL("reboot", syscall(SYS_reboot, 0, 0, 0, 0));
  TRIAL("swapon", syscall(SYS_swapon, "/nonexistent", 0));
  TRIAL("swapoff", syscall(SYS_swapoff, "/nonexistent"));
  struct timespec wrong = {0, 2000000000};
  TRIAL("clock_settime", syscall(SYS_clock_settime, 0, &wrong));
  TRIAL("settimeofday", syscall(SYS_settimeofday, 0L, 0L));
  TRIAL("adjtimex", syscall(SYS_adjtimex, memset(room, 0, 256)));
  TRIAL("syslog", syscall(SYS_syslog, 10, 0L, 0));
  TRIAL("acct", syscall(SYS_acct, "/nonexistent"));
  char device[128];
  long make_device(void) {
    snprintf(device, sizeof device, "/tmp/%s-c", told("TARGET_ABSTRACT"));
    if (syscall(SYS_mknodat, AT_FDCWD, device, 0020600, 0x103) != 0) return -1; /* /dev/null once more */
    return unlink(device);
  }
  TRIAL("mknod", make_device());
`;

const isRoot = process.getuid?.() === 0;

/** What root of the host is answered, who comes as far as the arguments; its ordinary users may be refused before. */
function asRoot(answers: Readonly<Record<string, readonly string[]>>): Record<string, readonly string[]> {
  return Object.fromEntries(
    Object.entries(answers).map(([name, which]) => [name, isRoot ? which : [...which, "EPERM"]]),
  );
}

/** What only root of the host may do. */
export const ofAdministration: Survey = {
  name: "administration",
  control: "plain",
  programs: {
    c: administration,
    bash: `
trial syslog dmesg
device=/tmp/$TARGET_ABSTRACT-bash
trial mknod mknod "$device" c 1 3
rm -f "$device"
`,
  },
  answers: [
    {
      id: "kernel.file-handles",
      languages: ["c"],
      inside: refused(["open_by_handle_at"]),
      outside: asRoot({ open_by_handle_at: ["ESTALE", "EINVAL"] }),
    },
    { id: "kernel.bpf", languages: ["c"], inside: refused(["bpf"]), outside: asRoot({ bpf: ["ok"] }) },
    {
      id: "kernel.modules",
      languages: ["c"],
      inside: refused(["init_module", "finit_module", "delete_module"]),
      outside: asRoot({
        init_module: ["ENOEXEC", "EFAULT", "ENOSYS"],
        finit_module: ["EBADF", "ENOSYS"],
        delete_module: ["ENOENT", "ENOSYS"],
      }),
    },
    {
      id: "kernel.kexec-and-reboot",
      languages: ["c"],
      inside: refused(["kexec_load", "reboot"]),
      outside: asRoot({ kexec_load: ["EINVAL", "ENOSYS"], reboot: ["EINVAL"] }),
    },
    {
      id: "kernel.swap",
      languages: ["c"],
      inside: refused(["swapon", "swapoff"]),
      outside: asRoot({ swapon: ["ENOENT", "ENOSYS"], swapoff: ["ENOENT", "ENOSYS"] }),
    },
    {
      id: "kernel.clock",
      languages: ["c"],
      inside: refused(["clock_settime", "settimeofday", "adjtimex"]),
      outside: asRoot({ clock_settime: ["EINVAL"], settimeofday: ["ok"], adjtimex: ["ok"] }),
    },
    {
      id: "kernel.log-and-accounting",
      inside: refused(["syslog"]),
      outside: asRoot({ syslog: ["ok"] }),
    },
    {
      id: "kernel.log-and-accounting",
      languages: ["c"],
      inside: refused(["acct"]),
      outside: asRoot({ acct: ["ENOENT", "ENOSYS"] }),
    },
    { id: "kernel.device-nodes", inside: refused(["mknod"]), outside: asRoot({ mknod: ["ok"] }) },
  ],
};
