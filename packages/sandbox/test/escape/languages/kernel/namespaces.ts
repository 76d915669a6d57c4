import { all, type Survey } from "../theme.ts";
import { allowed, refused } from "./answers.ts";

const kinds = ["mount", "cgroup", "uts", "ipc", "user", "pid", "net", "time"];

const namespaces = String.raw`
  static const struct { const char *name; long flag; } kinds[] = {
    {"mount", CLONE_NEWNS}, {"cgroup", CLONE_NEWCGROUP}, {"uts", CLONE_NEWUTS}, {"ipc", CLONE_NEWIPC},
    {"user", CLONE_NEWUSER}, {"pid", CLONE_NEWPID}, {"net", CLONE_NEWNET}, {"time", 0x80},
  };
  char name[64];
  for (unsigned index = 0; index < sizeof kinds / sizeof *kinds; index++) {
    long flag = kinds[index].flag;
    snprintf(name, sizeof name, "unshare %s", kinds[index].name);
    TRIAL(name, syscall(SYS_unshare, flag));
    snprintf(name, sizeof name, "unshare high %s", kinds[index].name);
    TRIAL(name, syscall(SYS_unshare, flag | 1L << 40));
    if (flag == 0x80) continue; /* no flag of clone, which has the signal there */
    /* A new user namespace comes along, so that the clone needs no privilege where it is allowed at all. */
    snprintf(name, sizeof name, "clone %s", kinds[index].name);
    TRIAL(name, spawned(syscall(SYS_clone, flag | CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0)));
    snprintf(name, sizeof name, "clone high %s", kinds[index].name);
    TRIAL(name, spawned(syscall(SYS_clone, flag | CLONE_NEWUSER | SIGCHLD | 1L << 40, 0, 0, 0, 0)));
  }
  TRIAL("clone without a signal", spawned(syscall(SYS_clone, CLONE_NEWUSER, 0, 0, 0, 0)));
  struct { uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls; } three =
    {CLONE_NEWUSER, 0, 0, 0, SIGCHLD, 0, 0, 0};
  TRIAL("clone3", spawned(syscall(SYS_clone3, &three, sizeof three)));
  three.flags = 0;
  TRIAL("clone3 without a flag", spawned(syscall(SYS_clone3, &three, sizeof three)));
  TRIAL("number with a high half", syscall(1L << 32 | SYS_unshare, CLONE_NEWUSER));
  TRIAL("setns uts", syscall(SYS_setns, open("/proc/self/ns/uts", O_RDONLY), 0));
  TRIAL("setns net", syscall(SYS_setns, open("/proc/self/ns/net", O_RDONLY), 0));
  TRIAL("setns by pidfd", syscall(SYS_setns, syscall(SYS_pidfd_open, getppid(), 0), CLONE_NEWUTS));
  TRIAL("chroot", syscall(SYS_chroot, "/tmp"));
  TRIAL("pivot_root", syscall(SYS_pivot_root, "/tmp", "/tmp"));

  /* A filter of the program's own hands the call to a supervisor, which tells the kernel to go on. */
  {
    struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_unshare, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof code / sizeof *code, code};
    int answer[2];
    if (pipe(answer) != 0) return 1;
    pid_t supervisor = fork();
    if (supervisor == 0) {
      alarm(20);
      prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
      int listener = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
      if (listener < 0) { say("supervised unshare", said(-1)); _exit(0); }
      pid_t child = fork();
      if (child == 0) {
        const char *text = said(syscall(SYS_unshare, CLONE_NEWUSER));
        write_all(answer[1], text, strlen(text));
        _exit(0);
      }
      struct pollfd both[2] = {{answer[0], POLLIN, 0}, {listener, POLLIN, 0}};
      for (;;) {
        poll(both, 2, -1);
        if (both[0].revents) break;
        struct seccomp_notif notice = {0};
        if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &notice) != 0) continue;
        struct seccomp_notif_resp go = {.id = notice.id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};
        ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &go);
      }
      char text[64] = "";
      if (read(answer[0], text, sizeof text - 1) >= 0) say("supervised unshare", text);
      _exit(0);
    }
    waitpid(supervisor, NULL, 0);
  }
`;

const inBash = kinds.filter((kind) => kind !== "pid").map((kind) => `unshare ${kind}`);

/** Namespaces, and what a new one would allow. */
export const ofNamespaces: Survey = {
  name: "namespaces",
  control: "contained",
  programs: {
    c: namespaces,
    bash: `
for kind in mount cgroup uts ipc user net time; do trial "unshare $kind" unshare --$kind true; done
trial 'setns uts' nsenter --uts=/proc/self/ns/uts true
trial 'setns net' nsenter --net=/proc/self/ns/net true
trial chroot /usr/sbin/chroot / /bin/true
trial 'mount tmpfs' mount -t tmpfs none /mnt
trial 'mount bind' mount --bind /usr /mnt
trial sethostname hostname owned
trial 'read implies execute' setarch "$(uname -m)" --read-implies-exec true
trial umount umount --lazy /proc
`,
  },
  answers: [
    { id: "kernel.unshare", languages: ["bash"], inside: refused(inBash), outside: allowed(inBash) },
    {
      id: "kernel.unshare",
      languages: ["c"],
      inside: {
        ...refused([
          ...kinds.flatMap((kind) => [`unshare ${kind}`, `unshare high ${kind}`]),
          "number with a high half",
        ]),
        "supervised unshare": "ENOSYS", // of the filter that it begins with
      },
      outside: allowed([...kinds.map((kind) => `unshare ${kind}`), "number with a high half", "supervised unshare"]),
    },
    {
      id: "kernel.clone",
      languages: ["c"],
      inside: refused([
        ...kinds.slice(0, -1).flatMap((kind) => [`clone ${kind}`, `clone high ${kind}`]),
        "clone without a signal",
      ]),
      outside: allowed(kinds.slice(0, -1).flatMap((kind) => [`clone ${kind}`, `clone high ${kind}`])),
    },
    {
      id: "kernel.clone3",
      languages: ["c"],
      inside: all(["clone3", "clone3 without a flag"], "ENOSYS"),
      outside: allowed(["clone3", "clone3 without a flag"]),
    },
    {
      id: "kernel.setns",
      inside: refused(["setns uts", "setns net"]),
      outside: allowed(["setns uts", "setns net"]),
    },
    {
      id: "kernel.setns",
      languages: ["c"],
      inside: refused(["setns by pidfd"]),
      outside: allowed(["setns by pidfd"]),
    },
    { id: "kernel.chroot", inside: refused(["chroot"]), outside: allowed(["chroot"]) },
    { id: "kernel.chroot", languages: ["c"], inside: refused(["pivot_root"]), outside: { pivot_root: "EINVAL" } },
    {
      id: "kernel.mount",
      languages: ["bash"],
      inside: all(["mount tmpfs", "mount bind", "umount"], ["EPERM", "EACCES", "ENOENT"]),
      outside: allowed(["mount tmpfs", "mount bind", "umount"]),
    },
    {
      id: "kernel.names",
      languages: ["bash"],
      inside: refused(["sethostname"]),
      outside: allowed(["sethostname"]),
    },
    {
      id: "kernel.personality",
      languages: ["bash"],
      inside: { "read implies execute": "ENOSYS" },
      outside: allowed(["read implies execute"]),
    },
  ],
};
