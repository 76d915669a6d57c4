import { afterAll, beforeAll, describe, expect } from "vitest";
import { type AttackGround, openGround } from "../support/attack-ground.ts";
import { proves } from "../support/attack-proof.ts";
import { hostGrants } from "../support/host-capabilities.ts";
import { stretched } from "../support/host-slowness.ts";

let ground: AttackGround;
beforeAll(async () => {
  ground = await openGround();
});
afterAll(() => ground.close());

const MIB = 1024 * 1024;
const limits = { memoryBytes: 64 * MIB, diskBytes: 192 * MIB, timeoutMs: stretched(20_000) };
const outOfMemory = { kind: "out-of-memory", violations: [], stage: "run" };
/** Memory of no process: refused as such where no cgroup counts it. */
const counted = () => ground.sandboxes.isolation.cgroups !== "none";

/** Each takes 128 MiB in its own way, says so when it holds them, and keeps them for as long as HOLD says. */
const bombs = {
  anonymous: `
parts = []
for _ in range(128):
    parts.append(b"x" * (1 << 20))
    time.sleep(0.001)
`,
  file: `
import tempfile
with tempfile.TemporaryDirectory() as folder, open(folder + "/full", "wb") as file:
    for _ in range(128):
        file.write(b"x" * (1 << 20))
        time.sleep(0.001)
    taken()
`,
  shm: `
path = "/dev/shm/" + target["abstract"]
with open(path, "wb") as file:
    for _ in range(128):
        file.write(b"x" * (1 << 20))
        time.sleep(0.001)
    os.unlink(path)
    taken()
`,
  memfd: `
try:
    descriptor = os.memfd_create("full")
except OSError as error:
    report(refused=said(error.errno))
    sys.exit(7)
for _ in range(128):
    os.write(descriptor, b"x" * (1 << 20))
    time.sleep(0.001)
`,
  sysv: `
libc.shmat.restype = ctypes.c_void_p
libc.shmat.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_int)
segment = libc.shmget(0, 128 << 20, 0o1600)
if segment < 0:
    report(refused=said(ctypes.get_errno()))
    sys.exit(7)
address = libc.shmat(segment, None, 0)
libc.shmctl(segment, 0, None)  # IPC_RMID: gone with its last user
for part in range(128):
    ctypes.memset(address + (part << 20), 1, 1 << 20)
    time.sleep(0.001)
`,
  sockets: `
held, filled = [], 0
while filled < 128 << 20:
    try:
        pair = socket.socketpair()
    except OSError as error:
        report(taken=filled >> 20, answer=said(error.errno))
        sys.exit(0)
    pair[0].setblocking(False)
    held.append(pair)
    try:
        while True:
            filled += pair[0].send(b"x" * 65536)
    except BlockingIOError:
        pass
`,
  processes: `
reader, writer = os.pipe()
end, alive = os.pipe()
for _ in range(16):
    if os.fork() == 0:
        os.close(alive)
        block = b"x" * (8 << 20)
        os.write(writer, b"1")
        os.read(end, 1)  # until the first process has ended
        os._exit(0)
got = 0
while got < 16:
    got += len(os.read(reader, 16))
`,
} as const;
const taken = `
def taken():
    report(taken=128)
    time.sleep(float(os.environ.get("HOLD", 0)))
`;
const whole = (bomb: keyof typeof bombs) => `${taken}${bombs[bomb]}taken()\n`;
/** Until the time limit, so that a warden that only samples finds it, however late it looks. */
const env = { HOLD: "600" };

async function explode(bomb: keyof typeof bombs): Promise<void> {
  const { execution, report } = await ground.attack({ code: whole(bomb), limits, env });
  expect(execution.outcome).toEqual(outOfMemory);
  // A sample may come after the last word.
  if (counted()) expect(report).toEqual({});
}

async function refusedOrCounted(bomb: "memfd" | "sysv"): Promise<void> {
  if (counted()) return explode(bomb);
  const { execution, report } = await ground.attack({ code: whole(bomb), limits, env });
  expect(report).toEqual({ refused: "EPERM" });
  expect(execution.outcome).toEqual({ kind: "exited", code: 7, violations: [], stage: "run" });
}

describe("memory", () => {
  proves("memory.anonymous", "", () => explode("anonymous"));
  proves("memory.files", "", () => explode("file"));
  proves("memory.shared-files", "", () => explode("shm"));
  proves("memory.memfd", "", () => refusedOrCounted("memfd"));
  proves("memory.system-v", "", () => refusedOrCounted("sysv"));
  // The kernel may choose a child; the program, which waits for it, must not get to its end.
  proves("memory.many-processes", "", () => explode("processes"));

  proves("memory.kernel-buffers", "", async () => {
    const { execution, report } = await ground.attack({
      code: whole("sockets"),
      env,
      limits: { ...limits, openFiles: 1_024 },
    });
    if (counted()) {
      expect([execution.outcome, report]).toEqual([outOfMemory, {}]);
    } else {
      // Without a cgroup nothing counts what lies in the kernel; the number of open files bounds it.
      expect(execution.outcome.kind).toBe("exited");
      expect(report.taken).toBeLessThan(256);
    }
  });

  proves("memory.anonymous", "control: the host gives as much in every one of these ways", async () => {
    for (const bomb of (Object.keys(bombs) as (keyof typeof bombs)[]).filter((name) => name !== "sockets")) {
      const { report } = await ground.control(whole(bomb));
      expect([bomb, report]).toEqual([bomb, { taken: 128 }]);
    }
  });

  proves("memory.victim", "", async () => {
    const code = `
def write(value, name="oom_score_adj"):
    os.write(os.open("/proc/self/" + name, os.O_WRONLY), value.encode())
found["before"] = int(open("/proc/self/oom_score_adj").read())
for value in ("-1000", "-500", "-1"):
    found[value] = outcome(lambda: write(value))
found["old interface"] = outcome(lambda: write("-17", "oom_adj"))
found["after"] = int(open("/proc/self/oom_score_adj").read())
finish()
`;
    const { report } = await ground.attack({ code });
    const refused = { "-1000": "EACCES", "-500": "EACCES", "-1": "EACCES" };
    expect(report).toEqual({ before: 1000, ...refused, "old interface": "EACCES", after: 1000 });
    // Who has the capability goes below zero on the host; the host's ordinary users are refused like the program.
    const { report: control } = await ground.control(code);
    expect(control["-1"]).toBe(hostGrants("CAP_SYS_RESOURCE") ? "ok" : "EACCES");
  });

  proves("memory.locked", "", async () => {
    const code = `
import mmap
block = mmap.mmap(-1, 32 << 20)
address = ctypes.addressof(ctypes.c_char.from_buffer(block))
report(locked=outcome(lambda: syscall("mlock", address, 32 << 20)))
`;
    const { report } = await ground.attack({ code });
    expect(report).toEqual({ locked: "ENOMEM" });
    const { report: control } = await ground.control(code);
    // An ordinary user of the host has a limit of its own, which may be as low.
    expect(process.getuid?.() === 0 ? control : { locked: "ok" }).toEqual({ locked: "ok" });
  });
});
