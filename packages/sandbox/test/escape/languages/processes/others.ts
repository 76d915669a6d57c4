import type { Survey } from "../theme.ts";

export const others: Survey = {
  name: "processes",
  control: "plain",
  programs: {
    c: String.raw`
  char listed[1 << 14] = "", reached[1 << 10] = "";
  DIR *folder = opendir("/proc");
  for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
    if (entry->d_name[0] < '1' || entry->d_name[0] > '9' || strlen(listed) > sizeof listed - 32) continue;
    strcat(strcat(listed, listed[0] ? " " : ""), entry->d_name);
  }
  for (int number = 1; number < 70000 && strlen(reached) < sizeof reached - 32; number++) {
    if (kill(number, 0) == 0 || errno != ESRCH) sprintf(reached + strlen(reached), reached[0] ? " %d" : "%d", number);
  }
  say("listed", listed);
  say("reached", reached);
  say_number("parent", getppid());
  say_number("session of the parent", getsid(getppid()));
`,
    bash: String.raw`
listed=
for place in /proc/[1-9]*; do listed+=${"$"}{listed:+ }${"$"}{place#/proc/}; done
reached=
for number in {1..400}; do
  if kill -0 "$number" 2>/dev/null; then reached+=${"$"}{reached:+ }$number; fi
done
say listed "$listed"
say reached "$reached"
printf '{"parent":%d}\n' "$PPID"
`,
    javascript: String.raw`
say("listed", fs.readdirSync("/proc").filter((name) => /^[1-9]/.test(name)).join(" "));
const reached = [];
for (let number = 1; number < 70000; number++) {
  try {
    process.kill(number, 0);
    reached.push(number);
  } catch (error) {
    if (error.code !== "ESRCH") reached.push(number);
  }
}
say("reached", reached.join(" "));
say("parent", process.ppid);
`,
  },
  answers: [
    {
      id: "processes.others-invisible",
      // Process 1 is the warden: it answers to its number, is in no list and takes no signal (see signals). The
      // others are the program and its threads.
      inside: { listed: "2", reached: /^(1 )?2( [3-9]| 1\d)*$/, parent: 1 },
      outside: { listed: /^\d+ \d+ \d+/ },
    },
    {
      // Bash does not tell a process of others from none.
      id: "processes.others-invisible",
      languages: ["javascript", "c"],
      inside: { reached: /2/ },
      outside: { reached: /^\d+ \d+/ },
    },
  ],
};
