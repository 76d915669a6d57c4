import { expect } from "vitest";
import type { Attack } from "../theme.ts";
import { bomb, hold, limits, MIB, outOfMemory, refusedOrCounted, taken } from "./bomb.ts";

/** Memory that the kernel holds for a program: files, segments and buffers. */
export const ofTheKernel: readonly Attack[] = [
  ...(["files", "shared-files"] as const).map((name) => {
    const folder = name === "files" ? "/tmp" : "/dev/shm";
    return bomb(`memory.${name}`, {
      c: String.raw`
  char path[256];
  snprintf(path, sizeof path, "${folder}/full-%s-c", told("TARGET_ABSTRACT"));
  int file = open(path, O_WRONLY | O_CREAT, 0600);
  for (long part = 0; part < amount << 4; part++) write_all(file, room, sizeof room);
  if (amount > 64) pause_for(600);
  unlink(path);
  say_number("taken", amount);
`,
      bash: String.raw`
path=${folder}/full-$TARGET_ABSTRACT-bash
head -c "${"$"}{amount}M" /dev/zero >"$path" && full=$(stat -c %s "$path")
((amount < 64)) || sleep 600
rm -f "$path"
[[ $full != $((amount << 20)) ]] || printf '{"taken":%d}\n' "$amount"
((full == amount << 20)) || kill -KILL $$
`,
      javascript: String.raw`
const path = "${folder}/full-" + told.TARGET_ABSTRACT + "-javascript";
const file = fs.openSync(path, "w");
const part = Buffer.alloc(1 << 20, 1);
for (let count = 0; count < amount; count++) fs.writeSync(file, part);
if (amount > 64) pauseFor(600);
fs.unlinkSync(path);
say("taken", amount);
`,
    });
  }),
  bomb(
    "memory.memfd",
    {
      c: String.raw`
  int file = syscall(SYS_memfd_create, "full", 0L);
  if (file < 0) { say("refused", said(-1)); return 7; }
  for (long part = 0; part < amount << 4; part++) write_all(file, room, sizeof room);
  ${hold}`,
    },
    undefined,
    refusedOrCounted,
  ),
  bomb(
    "memory.system-v",
    {
      c: String.raw`
  int segment = shmget(IPC_PRIVATE, amount << 20, IPC_CREAT | 0600);
  if (segment < 0) { say("refused", said(-1)); return 7; }
  char *address = shmat(segment, NULL, 0);
  shmctl(segment, IPC_RMID, NULL); /* gone with its last user */
  for (long part = 0; part < amount; part++) memset(address + (part << 20), 1, 1 << 20);
  ${hold}`,
    },
    undefined,
    refusedOrCounted,
  ),
  {
    id: "memory.kernel-buffers",
    programs: {
      c: String.raw`
  long filled = 0;
  while (filled < amount << 20) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0) {
      say("refused", said(-1));
      break;
    }
    for (long part; (part = send(pair[0], room, sizeof room, MSG_DONTWAIT)) > 0;) filled += part;
  }
  say_number("taken", filled >> 20);
`,
    },
    amount: taken,
    request: { limits: { ...limits, memoryBytes: 64 * MIB, openFiles: 1_024 } },
    holds: ({ execution, report, isolation }) => {
      if (isolation.cgroups === "none") {
        // Nothing counts what lies in the kernel; the number of open files bounds it.
        expect(execution.outcome.kind).toBe("exited");
        expect(report.taken).toBeLessThan(256);
      } else expect([execution.outcome, report]).toEqual([outOfMemory, {}]);
    },
    control: {
      place: "ordinary",
      amount: 16,
      shows: ({ report }) => expect(report.taken).toBeGreaterThanOrEqual(16),
    },
  },
];
