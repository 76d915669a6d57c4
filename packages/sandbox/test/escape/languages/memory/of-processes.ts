import { expect } from "vitest";
import type { Attack } from "../theme.ts";
import { bomb, hold, outOfMemory } from "./bomb.ts";

/** Memory that processes map. */
export const ofProcesses: readonly Attack[] = [
  bomb("memory.anonymous", {
    c: `for (long part = 0; part < amount; part++) { take(1 << 20); pause_for(0.001); }\n${hold}`,
    bash: String.raw`
LC_ALL=C
block=$(printf '%65536s' '')
while ((${"$"}{#block} < amount << 20)); do block+=$block; done
((amount < 64)) || sleep 600
printf '{"taken":%d}\n' $((${"$"}{#block} >> 20))
`,
    javascript: String.raw`
const parts = [];
for (let part = 0; part < amount; part++) {
  parts.push(Buffer.alloc(1 << 20, 1));
  pauseFor(0.001);
}
if (amount > 64) pauseFor(600);
say("taken", parts.length);
`,
  }),
  bomb(
    "memory.anonymous",
    {
      c: String.raw`
  for (long part = 0; part < amount; part += 16) {
    mmap(NULL, 16 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    pause_for(0.015);
  }
  ${hold}`,
      javascript: String.raw`
const parts = [];
for (let part = 0; part < amount; part++) {
  parts.push(new Array(1 << 17).fill(part + 0.5));
  pauseFor(0.001);
}
if (amount > 64) pauseFor(600);
say("taken", parts.length);
`,
    },
    "mapped at once, and in the heap of a language",
    {
      // A heap of its own ends at its own limit, which the language sets by that of the program.
      holds: ({ execution, report }) => expect([report, execution.outcome]).toEqual([{}, outOfMemory]),
    },
  ),
  bomb(
    "memory.anonymous",
    {
      c: String.raw`
  long part = 0;
  char *shared = mmap(NULL, amount << 20, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  for (; part < amount; part++) { memset(shared + (part << 20), 1, 1 << 20); pause_for(0.001); }
  ${hold}`,
    },
    "shared between processes",
  ),
  bomb(
    "memory.anonymous",
    {
      c: String.raw`
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); /* its files in /proc are root's now */
  for (long part = 0; part < amount; part++) { take(1 << 20); pause_for(0.001); }
  ${hold}`,
    },
    "in a process that hides its state",
  ),
  bomb(
    "memory.anonymous",
    {
      c: String.raw`
  void *in_a_thread(void *_) {
    pause_for(0.05);
    for (long part = 0; part < amount; part++) { take(1 << 20); pause_for(0.001); }
    ${hold}
    _exit(0);
    return _;
  }
  pthread_t thread;
  pthread_create(&thread, NULL, in_a_thread, NULL);
  syscall(SYS_exit, 0); /* of the process /proc shows the first thread, which has no memory any more */
`,
    },
    "in a process whose first thread has ended",
  ),
  bomb("memory.many-processes", {
    c: String.raw`
  int ends[2], life[2], got = 0;
  if (pipe(ends) != 0 || pipe(life) != 0) return 1;
  for (int count = 0; count < 16; count++) {
    if (fork() != 0) continue;
    close(life[1]);
    take(amount << 16);
    write_all(ends[1], "x", 1);
    if (read(life[0], room, 1) < 0) _exit(1); /* until the first process has ended */
    _exit(0);
  }
  while (got < 16) got += read(ends[0], room, 16);
  ${hold}`,
    bash: String.raw`
take() {
  LC_ALL=C
  local block
  block=$(printf '%65536s' '')
  while ((${"$"}{#block} < amount << 16)); do block+=$block; done
  printf x
  ((amount < 64)) || sleep 600
}
got=$(for n in {1..16}; do take & done; wait)
[[ $got != xxxxxxxxxxxxxxxx ]] || printf '{"taken":%d}\n' "$amount"
[[ $got == xxxxxxxxxxxxxxxx ]] || kill -KILL $$
`,
    javascript: String.raw`
const code = "const part = Buffer.alloc(" + (amount << 18) + ", 1); console.log(part.length); setTimeout(() => {}, 60000);";
let got = 0;
const others = [1, 2, 3, 4].map(() => child.spawn(process.execPath, ["-e", code]));
for (const other of others) {
  other.stdout.on("data", () => {
    if (++got < 4 || amount > 64) return;
    say("taken", amount);
    for (const each of others) each.kill("SIGKILL");
    process.exit();
  });
  other.on("exit", () => process.kill(process.pid, "SIGKILL"));
}
`,
  }),
];
