import { expect } from "vitest";
import type { Attack, Theme } from "./theme.ts";

/*
 * Things of which the kernel has a number for the whole host or for one of its users, and what the file system tells of
 * others. While a hoarder holds what it took, its neighbour and the host go on: the ground sees to that.
 */

/** Takes until it is refused, and holds it for a moment. */
function hoard(id: Attack["id"], call: string, refusals: readonly string[], top = ""): Attack {
  return {
    id,
    programs: {
      c: `
  ${top}
  long held = 0;
  while (held < amount && (${call}) >= 0) held++;
  say("answer", held < amount ? said(-1) : "ok");
  if (amount > 100) pause_for(0.2);
`,
    },
    amount: 100_000,
    request: { limits: { openFiles: 1_024 } },
    holds: ({ report }) => expect(refusals).toContain(report.answer),
    // A namespace of its own takes along what outlives the process.
    control: { place: "contained", amount: 4, shows: ({ report }) => expect(report.answer).toBe("ok") },
  };
}

export const shared: Theme = {
  title: "what all share",
  surveys: [
    {
      name: "watching",
      control: "ordinary",
      programs: {
        c: String.raw`
  int watcher = inotify_init1(IN_NONBLOCK);
  TRIAL("watch programs", inotify_add_watch(watcher, "/usr/bin", IN_OPEN | IN_ACCESS));
  TRIAL("watch libraries", inotify_add_watch(watcher, "/usr/lib", IN_ALL_EVENTS));
  TRIAL("watch high", syscall(SYS_inotify_add_watch, watcher, "/usr/bin", IN_OPEN | 1L << 40));
  TRIAL("notify", fcntl(open("/usr/bin", O_RDONLY), F_NOTIFY, DN_ACCESS | DN_MULTISHOT));
  TRIAL("notify high", syscall(SYS_fcntl, open("/usr/bin", O_RDONLY), F_NOTIFY | 1L << 40, DN_ACCESS));
  TRIAL("lease", fcntl(open("/usr/bin/env", O_RDONLY), F_SETLEASE, F_RDLCK));
  unsigned long context = 0;
  TRIAL("asynchronous reads", syscall(SYS_io_setup, 128, &context));
`,
        javascript: String.raw`
trial("watch programs", () => fs.watch("/usr/bin").close());
trial("watch libraries", () => fs.watch("/usr/lib").close());
`,
      },
      answers: [
        {
          id: "files.watching",
          inside: { "watch programs": "EPERM", "watch libraries": "EPERM" },
          outside: { "watch programs": "ok", "watch libraries": "ok" },
        },
        {
          id: "files.watching",
          languages: ["c"],
          inside: { "watch high": "EPERM", notify: "EPERM", "notify high": "EPERM", lease: ["EACCES", "EPERM"] },
          outside: { notify: ["ok", "EINVAL"] },
        },
        {
          id: "shared.asynchronous-io",
          languages: ["c"],
          inside: { "asynchronous reads": "ENOSYS" },
          outside: { "asynchronous reads": "ok" },
        },
      ],
    },
  ],
  attacks: [
    hoard("shared.inotify", "inotify_init1(0)", ["EMFILE"]),
    hoard("shared.terminals", 'open("/dev/ptmx", O_RDWR | O_NOCTTY)', ["ENOSPC"]),
    hoard(
      "shared.message-queues",
      '(snprintf(name, sizeof name, "/queue-%d-%ld", getpid(), held), mq_open(name, O_CREAT | O_RDWR, 0600, NULL))',
      ["EMFILE", "ENOSYS", "EPERM", "ENOSPC"],
      "char name[64];",
    ),
    hoard("shared.pending-signals", "timer_create(CLOCK_MONOTONIC, NULL, &timer)", ["EAGAIN"], "timer_t timer;"),
    {
      ...hoard(
        "shared.pipes",
        "pipe(ends) == 0 && fcntl(ends[0], F_SETPIPE_SZ, 1 << 20) > 0 ? 0 : -1",
        ["EMFILE", "EPERM"],
        "int ends[2];",
      ),
    },
    {
      id: "kernel.io-uring",
      programs: {
        javascript: String.raw`
const code = 'const fs = require("node:fs"); const reading = fs.promises.readFile("/etc/passwd"); const rings = fs.readdirSync("/proc/self/fd").filter((number) => { try { return fs.readlinkSync("/proc/self/fd/" + number).includes("io_uring"); } catch { return false; } }); reading.then((text) => console.log(JSON.stringify({ rings: rings.length, read: text.length > 0 })));';
const { stdout } = child.spawnSync(process.execPath, ["-e", code], { env: { ...told, UV_USE_IO_URING: "1" }, encoding: "utf8" });
fs.writeSync(1, stdout);
`,
      },
      holds: ({ report }) => expect(report).toEqual({ rings: 0, read: true }),
      control: { place: "ordinary", shows: ({ report }) => expect(report.read).toBe(true) },
    },
  ],
};
