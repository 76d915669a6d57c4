import { afterAll, beforeAll, describe, expect } from "vitest";
import { type AttackGround, openGround } from "../support/attack-ground.ts";
import { proves } from "../support/attack-proof.ts";
import { stretched } from "../support/host-slowness.ts";
import { untilPrinted } from "../support/sandboxes.ts";

let ground: AttackGround;
beforeAll(async () => {
  ground = await openGround();
});
afterAll(() => ground.close());

const deaf = `
for number in signal.valid_signals():
    try:
        signal.signal(number, signal.SIG_IGN)
    except OSError:
        pass
signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
report(deaf=True)
`;
const timedOut = { kind: "timed-out", limit: "timeoutMs", violations: [], stage: "run" };

describe("time limits and signals", () => {
  proves("signals.sleeps-past-limit", "", async () => {
    const { execution } = await ground.attack({ code: "time.sleep(600)", limits: { timeoutMs: 300 } });
    expect(execution.outcome).toEqual(timedOut);
  });

  proves("signals.ignores-all", "at the time limit", async () => {
    const { execution, report } = await ground.attack({
      code: `${deaf}while True: time.sleep(600)`,
      limits: { timeoutMs: stretched(3_000) }, // time enough to become deaf
    });
    expect(report).toEqual({ deaf: true });
    expect(execution.outcome).toEqual(timedOut);
  });

  proves("signals.ignores-all", "cancelled with a grace", async () => {
    const { execution } = await ground.attack({
      code: `${deaf}while True: time.sleep(600)`,
      during: async (run) => {
        await untilPrinted(run, '{"deaf": true}\n');
        run.cancel({ graceMs: 200 });
      },
    });
    expect(execution.outcome).toEqual({ kind: "cancelled", violations: [], stage: "run" });
    expect(execution.metrics.wallMs).toBeGreaterThanOrEqual(200);
  });

  proves("signals.ignores-all", "control: on the host SIGTERM does nothing to it", async () => {
    const { report, signal } = await ground.control(`${deaf}
os.kill(os.getpid(), signal.SIGTERM)
os.kill(os.getpid(), signal.SIGINT)
report(alive=True)
`);
    expect(report).toEqual({ deaf: true, alive: true });
    expect(signal).toBe(null);
  });

  proves("signals.busy-past-cpu-limit", "", async () => {
    const { execution } = await ground.attack({
      code: `${deaf}while True: pass`,
      limits: { cpuMs: 300, timeoutMs: stretched(20_000) },
    });
    expect(execution.outcome).toEqual({ kind: "timed-out", limit: "cpuMs", violations: [], stage: "run" });
  });

  proves("signals.busy-past-cpu-limit", "spread over short-lived processes", async () => {
    const { execution } = await ground.attack({
      code: `
while True:
    child = os.fork()
    if child == 0:
        end = time.process_time() + 0.004
        while time.process_time() < end:
            pass
        os._exit(0)
    os.waitpid(child, 0)
`,
      limits: { cpuMs: 400, timeoutMs: stretched(20_000) },
    });
    expect(execution.outcome).toEqual({ kind: "timed-out", limit: "cpuMs", violations: [], stage: "run" });
  });

  proves("signals.stops-itself", "", async () => {
    const { execution } = await ground.attack({
      code: `
for _ in range(3):
    if os.fork() == 0:
        while True: os.kill(os.getpid(), signal.SIGSTOP)
os.kill(os.getpid(), signal.SIGSTOP)
`,
      limits: { timeoutMs: stretched(400) },
    });
    expect(execution.outcome).toEqual(timedOut);
  });

  proves("signals.stops-itself", "control: on the host nothing ends a stopped process", async () => {
    const { report } = await ground.control(`
child = os.fork()
if child == 0:
    os.kill(os.getpid(), signal.SIGSTOP)
_, status = os.waitpid(child, os.WUNTRACED)
report(stopped=os.WIFSTOPPED(status))
os.kill(child, signal.SIGKILL)
os.waitpid(child, 0)
`);
    expect(report).toEqual({ stopped: true });
  });

  const killer = `
sent = {}
for number in sorted(signal.valid_signals()):
    sent.setdefault(outcome(lambda: os.kill(1, number)), []).append(int(number))
handle = os.pidfd_open(1)
sent.setdefault(outcome(lambda: signal.pidfd_send_signal(handle, signal.SIGKILL)), []).append(9)
report(answers=sorted(sent))
signal.signal(signal.SIGTERM, signal.SIG_IGN)
report(everyone=outcome(lambda: os.kill(-1, signal.SIGTERM)), group=outcome(lambda: os.killpg(0, signal.SIGTERM)))
if os.fork() == 0:
    os.kill(-1, signal.SIGKILL)
    os._exit(0)
time.sleep(600)
`;

  proves("signals.kills-warden", "", async () => {
    const { execution, report } = await ground.attack({ code: killer });
    // With a uid of its own the warden cannot be signalled; with a shared one the kernel shields process 1.
    const separate = ground.sandboxes.isolation.uids === "separate";
    expect(report.answers).toEqual([separate ? "EPERM" : "ok"]);
    expect(execution.outcome).toEqual({ kind: "signalled", signal: "SIGKILL", violations: [], stage: "run" });
  });

  proves("signals.kills-warden", "control: on the host a program can kill its parent", async () => {
    const { signal } = await ground.control(`
if os.fork() == 0:
    os.kill(os.getppid(), signal.SIGKILL)
    os._exit(0)
time.sleep(600)
`);
    expect(signal).toBe("SIGKILL");
  });

  proves("signals.cripples-warden", "", async () => {
    const code = `
import resource
victim = int(os.environ.get("VICTIM", 0)) or os.getppid()
nothing = struct.pack("QQ", 0, 0)
for limit in ("RLIMIT_CPU", "RLIMIT_NOFILE", "RLIMIT_AS", "RLIMIT_FSIZE", "RLIMIT_DATA"):
    found[limit] = outcome(lambda: syscall("prlimit64", victim, getattr(resource, limit), nothing, 0))
found["high bits"] = outcome(lambda: syscall("prlimit64", victim | 1 << 40, resource.RLIMIT_CPU, nothing, 0))
found["priority"] = outcome(lambda: os.setpriority(os.PRIO_PROCESS, victim, 19))
found["scheduler"] = outcome(lambda: os.sched_setscheduler(victim, os.SCHED_IDLE, os.sched_param(0)))
found["io priority"] = outcome(lambda: syscall("ioprio_set", 1, victim, 3 << 13))
found["affinity"] = outcome(lambda: os.sched_setaffinity(victim, [0]))
finish()
sys.exit(3)
`;
    const { execution, report } = await ground.attack({ code });
    const limits = ["RLIMIT_CPU", "RLIMIT_NOFILE", "RLIMIT_AS", "RLIMIT_FSIZE", "RLIMIT_DATA", "high bits"];
    const others = ["priority", "scheduler", "io priority", "affinity"];
    expect(report).toEqual(Object.fromEntries([...limits, ...others].map((name) => [name, "EPERM"])));
    expect(execution.outcome).toEqual({ kind: "exited", code: 3, violations: [], stage: "run" });
    const { report: control } = await ground.control(`
victim = os.fork()
if victim == 0:
    time.sleep(600)
os.environ["VICTIM"] = str(victim)
import atexit
atexit.register(lambda: (os.kill(victim, 9), os.waitpid(victim, 0)))
${code}`);
    expect(control).toEqual(Object.fromEntries([...limits, ...others].map((name) => [name, "ok"])));
  });
});
