import { afterAll, beforeAll, describe, expect } from "vitest";
import { type AttackGround, openGround } from "../support/attack-ground.ts";
import { proves } from "../support/attack-proof.ts";
import { processesWith } from "../support/host-processes.ts";
import { eventually, stretched } from "../support/host-slowness.ts";

let ground: AttackGround;
beforeAll(async () => {
  ground = await openGround();
});
afterAll(() => ground.close());

/** What refuses a process too many: a count of the kernel, or, without one, the sampling of the warden. */
function counted(): boolean {
  return ground.sandboxes.isolation.cgroups !== "none" || ground.sandboxes.isolation.uids === "separate";
}

/** The most processes that any sample of a run has seen. */
function mostProcesses(execution: { metrics: { samples?: readonly { processes: number }[] | undefined } }): number {
  return Math.max(0, ...(execution.metrics.samples ?? []).map((sample) => sample.processes));
}

describe("processes", () => {
  proves("processes.fork-bomb", "", async () => {
    const { execution, report } = await ground.attack({
      code: `
first, told = os.getpid(), False
while True:
    try:
        os.fork()
    except OSError as error:
        if os.getpid() == first and not told:
            told = True
            report(refused=said(error.errno))
`,
      limits: { processes: 40, timeoutMs: stretched(3_000) }, // time enough for the first to be refused, too
      sampleIntervalMs: 20,
    });
    expect(execution.outcome.kind).toBe(counted() ? "timed-out" : "signalled");
    expect(execution.outcome.violations).toEqual(["processes"]);
    if (counted()) {
      expect(report).toEqual({ refused: "EAGAIN" });
      expect(mostProcesses(execution)).toBeLessThanOrEqual(48);
    }
  });

  proves("processes.fork-bomb", "control: the host refuses no such number", async () => {
    const { report } = await ground.control(`
children = []
for _ in range(60):
    child = os.fork()
    if child == 0:
        signal.pause()
    children.append(child)
for child in children:
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
report(made=len(children))
`);
    expect(report).toEqual({ made: 60 });
  });

  proves("processes.thread-bomb", "", async () => {
    const code = `
import threading
stop, made = threading.Event(), 0
try:
    while made < 200:
        threading.Thread(target=stop.wait, daemon=True).start()
        made += 1
    report(refused=None, made=made)
except RuntimeError as error:
    report(refused=str(error), made=made)
time.sleep(float(os.environ.get("HOLD", 0)))
stop.set()
`;
    // Where only samples count they are held until one is taken: for ever where none are refused.
    const { cgroups, uids } = ground.sandboxes.isolation;
    const hold = cgroups !== "none" ? 0 : uids === "separate" ? 3 : 600;
    const { execution, report } = await ground.attack({
      code,
      env: { HOLD: String(hold) },
      limits: { processes: 40 },
    });
    if (counted()) {
      expect(report.refused).toBe("can't start new thread");
      expect(report.made).toBeLessThan(48);
      expect(execution.outcome).toEqual({ kind: "exited", code: 0, violations: ["processes"], stage: "run" });
    } else {
      expect(execution.outcome).toEqual({
        kind: "signalled",
        signal: "SIGKILL",
        violations: ["processes"],
        stage: "run",
      });
    }
    expect((await ground.control(code)).report).toEqual({ refused: null, made: 200 });
  });

  proves("processes.zombie-flood", "", async () => {
    const code = `
made, refused = 0, None
while made < 200 and refused is None:
    try:
        if os.fork() == 0:
            os._exit(0)
        made += 1
    except OSError as error:
        refused = said(error.errno)
report(made=made, refused=refused)
`;
    const { execution, report } = await ground.attack({ code, limits: { processes: 40 } });
    if (counted()) {
      expect(report.refused).toBe("EAGAIN");
      expect(report.made).toBeLessThan(48);
      expect(execution.outcome.kind).toBe("exited");
    }
    expect((await ground.control(code)).report).toEqual({ made: 200, refused: null });
  });

  proves("processes.orphans-do-not-add-up", "", async () => {
    // A warden that only samples ends whoever it finds with too many: orphans wait there for it to keep up.
    const { execution, report } = await ground.attack({
      code: `
done, most = 0, int(os.environ["MOST"])
while done < 150:
    while sum(name.isdigit() for name in os.listdir("/proc")) > most:
        time.sleep(0.002)
    child = os.fork()
    if child == 0:
        try:
            os.fork()  # the grandchild is an orphan as soon as the child has ended
        except OSError:
            os._exit(1)
        os._exit(0)
    if os.waitpid(child, 0)[1] == 0:
        done += 1
    else:
        time.sleep(0.02)
report(done=done)
`,
      env: { MOST: counted() ? "1000" : "30" },
      limits: { processes: 40 },
    });
    expect(report).toEqual({ done: 150 });
    expect(execution.outcome.kind).toBe("exited");
  });

  const daemon = `
mark = "daemon-" + target["abstract"]
reader, writer = os.pipe()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        if os.fork() == 0:
            null = os.open("/dev/null", os.O_RDWR)
            for descriptor in (0, 1, 2):
                os.dup2(null, descriptor)
            os.execv("/usr/bin/python3", ["python3", "-c", "import time; time.sleep(600)", mark])
    os._exit(0)
os.close(writer)
os.read(reader, 1)  # ends when the daemon runs a program of its own, which closes the other end
report(mark=mark, session=os.getsid(0))
`;

  proves("processes.daemon", "", async () => {
    const { execution, report } = await ground.attack({ code: daemon });
    expect(execution.outcome).toEqual({ kind: "exited", code: 0, violations: [], stage: "run" });
    expect(processesWith(String(report.mark))).toEqual([]);
  });

  proves("processes.daemon", "control: on the host the daemon outlives its maker", async () => {
    const { report, code } = await ground.control(daemon);
    expect(code).toBe(0);
    const left = await eventually("the daemon runs", () => {
      const found = processesWith(String(report.mark));
      return found.length > 0 ? found : undefined;
    });
    expect(left).toHaveLength(1);
    for (const pid of left) process.kill(pid, "SIGKILL");
    await eventually("the daemon is gone", () => (processesWith(String(report.mark)).length === 0 ? true : undefined));
  });

  proves("processes.orphan-holds-output", "", async () => {
    const { execution } = await ground.attack({
      code: `
if os.fork() == 0:
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    time.sleep(600)
print("done")
`,
      limits: { timeoutMs: 20_000 },
    });
    expect(execution.outcome).toEqual({ kind: "exited", code: 0, violations: [], stage: "run" });
    expect(execution.stdout).toBe("done\n");
  });

  proves("processes.others-invisible", "", async () => {
    const code = `
listed = sorted(int(name) for name in os.listdir("/proc") if name.isdigit())
reached = []
for pid in range(1, 70000):
    try:
        os.kill(pid, 0)
        reached.append(pid)
    except ProcessLookupError:
        pass
    except PermissionError:
        reached.append(pid)
report(listed=listed, reached=reached, me=os.getpid(), parent=os.getppid())
`;
    const { report } = await ground.attack({ code });
    // Process 1 is the warden: it answers to its number, is in no list and takes no signal (see signals).
    expect(report).toEqual({ listed: [2], reached: [1, 2], me: 2, parent: 1 });
    const { report: control } = await ground.control(code);
    expect((control.listed as number[]).length).toBeGreaterThan(2);
    expect(control.listed).toContain(process.pid);
  });
});
