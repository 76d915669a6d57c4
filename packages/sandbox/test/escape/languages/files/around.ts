import { all, type Survey } from "../theme.ts";

/** What a program prints of users, settings, other processes and neighbours. */
const lookAround = {
  c: String.raw`
  say("workspace", listing("/workspace"));
  say("tmp", listing("/tmp"));
  say("shm", listing("/dev/shm"));
  say("terminals", listing("/dev/pts"));
  say("job", listing("/glovebox"));
  TRIAL("neighbour's terminal", poke(told("TARGET_NEIGHBOUR_TERMINAL"), "typed"));
  TRIAL("host's file", peek(told("TARGET_FILE")));
  TRIAL("host's folder", peek(told("TARGET_FOLDER")));
  char users[1 << 14] = "";
  struct passwd *entry;
  while ((entry = getpwent()) != NULL) {
    if (strstr(users, entry->pw_name) == NULL && strlen(users) < sizeof users - 64) {
      strcat(strcat(users, entry->pw_name), " ");
    }
  }
  say("users", users);
  say("etc", listing("/etc"));
  say("dev", listing("/dev"));
  say_number("inherited", getenv("HOST_CANARY") != NULL);
  say_number("environment of its own", contains("/proc/self/environ", "HOST_CANARY"));
  char path[4200];
  snprintf(path, sizeof path, "/proc/%s/environ", told("TARGET_LISTENER"));
  say_number("environment of the host", contains(path, "HOST_CANARY"));
  static const char *ways[] = {"root", "cwd"};
  char seen[256] = "";
  DIR *processes = opendir("/proc");
  for (struct dirent *process; (process = readdir(processes)) != NULL;) {
    for (int way = 0; way < 2 && process->d_name[0] >= '1' && process->d_name[0] <= '9'; way++) {
      snprintf(path, sizeof path, "/proc/%s/%s%s", process->d_name, ways[way], told("TARGET_FILE"));
      if (access(path, F_OK) == 0) strcpy(seen, "file");
    }
  }
  say("through processes", seen);
`,
  bash: String.raw`
say workspace "$(listing /workspace)"
say tmp "$(listing /tmp)"
say shm "$(listing /dev/shm)"
say terminals "$(listing /dev/pts)"
say job "$(listing /glovebox)"
trial "neighbour's terminal" eval 'echo typed 1<>"$TARGET_NEIGHBOUR_TERMINAL"'
trial "host's file" peek "$TARGET_FILE"
trial "host's folder" peek "$TARGET_FOLDER"
say users "$(getent passwd | cut -d: -f1 | sort -u | tr '\n' ' ')"
say etc "$(listing /etc)"
say dev "$(listing /dev)"
canary_in() { if grep -q HOST_CANARY "$1" 2>/dev/null; then echo 1; else echo 0; fi; }
printf '{"inherited":%s}\n' "$([[ -v HOST_CANARY ]] && echo 1 || echo 0)"
printf '{"environment of its own":%s}\n' "$(canary_in "/proc/$$/environ")"
printf '{"environment of the host":%s}\n' "$(canary_in "/proc/$TARGET_LISTENER/environ")"
seen=
for place in /proc/[1-9]*/root /proc/[1-9]*/cwd; do [[ ! -e $place$TARGET_FILE ]] || seen=file; done
say 'through processes' "$seen"
`,
  javascript: String.raw`
say("workspace", listing("/workspace"));
say("tmp", listing("/tmp"));
say("shm", listing("/dev/shm"));
say("terminals", listing("/dev/pts"));
say("job", listing("/glovebox"));
trial("neighbour's terminal", () => poke(told.TARGET_NEIGHBOUR_TERMINAL, "typed"));
trial("host's file", () => peek(told.TARGET_FILE));
trial("host's folder", () => peek(told.TARGET_FOLDER));
const entries = fs.readFileSync("/etc/passwd", "utf8").trim().split("\n");
say("users", [...new Set(entries.map((entry) => entry.split(":")[0]))].join(" "));
say("etc", listing("/etc"));
say("dev", listing("/dev"));
const canaryIn = (path) => {
  try {
    return Number(fs.readFileSync(path, "latin1").includes("HOST_CANARY"));
  } catch {
    return 0;
  }
};
say("inherited", Number("HOST_CANARY" in process.env));
say("environment of its own", canaryIn("/proc/self/environ"));
say("environment of the host", canaryIn("/proc/" + told.TARGET_LISTENER + "/environ"));
const processes = fs.readdirSync("/proc").filter((name) => /^[1-9]/.test(name));
const leads = (name, way) => fs.existsSync("/proc/" + name + "/" + way + told.TARGET_FILE);
say("through processes", processes.some((name) => leads(name, "root") || leads(name, "cwd")) ? "file" : "");
`,
} as const;

export const around: Survey = {
  name: "around",
  control: "plain",
  programs: lookAround,
  hints: { outside: { TARGET_NEIGHBOUR_TERMINAL: "/dev/null" } },
  answers: [
    {
      id: "files.neighbour",
      inside: {
        workspace: /^main\.(c|sh|js)$/,
        tmp: "",
        shm: "",
        terminals: "ptmx",
        "neighbour's terminal": ["ENOENT", "EACCES"], // Bash would make the file
        job: /^input\.json (product )?results\.jsonl( task\.words)?$/,
      },
      outside: { "neighbour's terminal": "ok" },
    },
    {
      id: "files.host-folders",
      inside: { "host's file": "ENOENT", "host's folder": "ENOENT" },
      outside: { "host's file": "ok", "host's folder": "ok" },
    },
    {
      id: "files.host-users",
      inside: {
        users: /^root ?(sandbox ?)?$/,
        etc: /^((alternatives|debian_version|fonts|group|hostname|hosts|ld\.so\.cache|localtime|matplotlibrc|mime\.types|nsswitch\.conf|os-release|passwd|resolv\.conf|timezone) ?)+$/,
      },
      outside: { users: /daemon/, etc: /shadow/ },
    },
    {
      id: "files.host-environment",
      inside: all(["inherited", "environment of its own", "environment of the host"], 0),
      outside: { "environment of the host": 1 },
    },
    {
      id: "files.through-proc",
      inside: { "through processes": "" },
      outside: { "through processes": "file" },
    },
    {
      id: "files.devices",
      inside: { dev: "core fd full null ptmx pts random shm stderr stdin stdout tty urandom zero" },
      outside: { dev: /kmsg/ },
    },
  ],
};
