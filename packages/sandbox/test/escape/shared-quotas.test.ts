import { afterAll, beforeAll, describe, expect } from "vitest";
import { type AttackGround, openGround } from "../support/attack-ground.ts";
import { proves } from "../support/attack-proof.ts";
import { stretched } from "../support/host-slowness.ts";
import { untilPrinted } from "../support/sandboxes.ts";

/*
 * Things of which the kernel has a number for the whole host, or for one of its users. Who takes them all
 * starves others without breaking through any wall. Each attack takes what it can while another sandbox,
 * and the host, try to have one as well.
 */

let ground: AttackGround;
beforeAll(async () => {
  ground = await openGround();
});
afterAll(() => ground.close());

/** Runs a hoarder, and while it holds what it took, the same request in another sandbox and on the host. */
async function hoard(take: string, one: string): Promise<{ taken: unknown; neighbour: unknown; host: unknown }> {
  let neighbour: unknown;
  let host: unknown;
  const { report } = await ground.attack({
    code: `
held = []
def take():
    ${take}
def hoard():
    while True:
        held.append(take())
found["taken"] = outcome(hoard)
found["held"] = len(held)
finish()
signal.signal(signal.SIGINT, lambda *_: sys.exit(0))
time.sleep(600)
`,
    limits: { openFiles: 1_024, timeoutMs: stretched(60_000) },
    during: async (run) => {
      try {
        await untilPrinted(run, "}\n");
        const request = `import errno, ctypes, os, struct, socket\nlibc = ctypes.CDLL(None, use_errno=True)\ntry:\n    ${one}\n    print("ok")\nexcept OSError as error:\n    print(errno.errorcode[error.errno])\n`;
        neighbour = (await ground.sandboxes.execute({ code: request }).result).stdout.trim();
        host = (await ground.canaries.control(request)).stdout.trim();
      } finally {
        run.cancel({ graceMs: 2_000 });
      }
    },
  });
  return { taken: report.taken, neighbour, host };
}

/** With a uid of its own a neighbour has a share of its own; with one uid for all only the host's share is safe. */
function expectUnharmed(others: { neighbour: unknown; host: unknown }): void {
  if (ground.sandboxes.isolation.uids === "separate") expect(others).toEqual({ neighbour: "ok", host: "ok" });
  else expect(others.host).toBe("ok");
}

const checked = "assert result >= 0 or (_ for _ in ()).throw(OSError(ctypes.get_errno(), 'refused'))";

describe("what all share", () => {
  proves("shared.inotify", "", async () => {
    const { taken, ...others } = await hoard(
      `result = libc.inotify_init1(0); ${checked}; return result`,
      `result = libc.inotify_init1(0); ${checked}`,
    );
    expect(["EMFILE", "EPERM", "ENOSYS"]).toContain(taken);
    expectUnharmed(others);
  });

  proves("shared.terminals", "", async () => {
    const { report } = await ground.attack({
      code: `
made = 0
def take():
    count = 0
    try:
        while True:
            os.open("/dev/ptmx", os.O_RDWR | os.O_NOCTTY)
            count += 1
    except OSError as error:
        return count, said(error.errno)
children, total, answers = [], 0, set()
for _ in range(8):
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, json.dumps(take()).encode())
        time.sleep(600)
    os.close(writer)
    count, answer = json.loads(os.read(reader, 100))
    os.close(reader)
    total += count
    answers.add(answer)
    children.append(child)
for child in children:
    os.kill(child, signal.SIGKILL)
report(total=total, answers=sorted(answers))
`,
      limits: { openFiles: 1_024 },
    });
    // The kernel keeps 1024 of 4096 for the host; the rest is for all sandboxes together.
    expect(report.total).toBeLessThanOrEqual(64);
    expect(report.answers).toEqual(["ENOSPC"]);
  });

  proves("shared.asynchronous-io", "", async () => {
    const { report } = await ground.attack({
      code: `
context = ctypes.c_ulong(0)
report(answer=outcome(lambda: syscall("io_setup", 128, ctypes.byref(context))))
`,
    });
    expect(report).toEqual({ answer: "ENOSYS" });
    const { report: control } = await ground.control(`
context = ctypes.c_ulong(0)
report(answer=outcome(lambda: syscall("io_setup", 128, ctypes.byref(context))))
`);
    expect(control).toEqual({ answer: "ok" });
  });

  proves("shared.message-queues", "", async () => {
    const queue = `result = ctypes.CDLL("librt.so.1", use_errno=True).mq_open(b"/queue-%d" % len(held), 0o102, 0o600, None)`;
    const { taken, ...others } = await hoard(
      `${queue}; ${checked}; return result`,
      `held = []; ${queue}; ${checked}; ctypes.CDLL("librt.so.1").mq_unlink(b"/queue-0")`,
    );
    expect(["EMFILE", "ENOSYS", "EPERM", "ENOSPC"]).toContain(taken);
    expectUnharmed(others);
  });

  proves("shared.pending-signals", "", async () => {
    const timer = `result = libc.timer_create(1, None, ctypes.byref(ctypes.c_void_p()))`;
    const { taken, ...others } = await hoard(`${timer}; ${checked}; return result`, `${timer}; ${checked}`);
    expect(taken).toBe("EAGAIN");
    expectUnharmed(others);
  });

  proves("shared.pipes", "", async () => {
    const pipe = "ends = os.pipe(); __import__('fcntl').fcntl(ends[0], 1031, 1 << 20)";
    const { taken, ...others } = await hoard(`${pipe}; return ends`, pipe);
    expect(["EMFILE", "EPERM"]).toContain(taken);
    // The kernel counts pipes for each user of the host: with one uid for all, that is the share of everybody.
    if (ground.sandboxes.isolation.uids === "separate") expectUnharmed(others);
  });
});
