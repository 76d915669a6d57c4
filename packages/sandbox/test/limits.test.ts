// Depends on: identity, cgroups.
import { describe, expect, it } from "vitest";
import { stretched } from "./support/host-slowness.ts";
import { lookedAt } from "./support/looked-at.ts";
import { program, sharedSandboxes } from "./support/sandboxes.ts";

const MIB = 1024 * 1024;
const sandboxes = sharedSandboxes();
const run = (code: string, limits: object) => sandboxes().execute({ code, limits }).result;
/** Time for a program to come to what it is to do before it is stopped, on a machine that is busy too. */
const timeoutMs = stretched(2_000);

describe("each limit ends a program in its own way and keeps what it printed before", () => {
  it("timeoutMs ends a sleeping program as timed out", async () => {
    const code = program("print('before', flush=True)", "import time", "time.sleep(60)");
    const execution = await run(code, { timeoutMs });
    expect(execution.outcome).toEqual({ kind: "timed-out", limit: "timeoutMs", stage: "run", violations: [] });
    expect(execution.stdout).toBe("before\n");
    expect(execution.metrics.wallMs).toBeGreaterThanOrEqual(timeoutMs);
  });

  it("timeoutMs ends a program that ignores every signal it can, and its children", async () => {
    const code = program(
      "import os, signal, time",
      "for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:",
      "    try: signal.signal(number, signal.SIG_IGN)",
      "    except OSError: pass",
      "os.fork()",
      "os.setpgid(0, 0) if os.getpgid(0) != os.getpid() else None",
      "os.write(1, b'deaf\\n')",
      "time.sleep(60)",
    );
    const execution = await run(code, { timeoutMs });
    expect(execution.outcome).toEqual({ kind: "timed-out", limit: "timeoutMs", stage: "run", violations: [] });
    expect(execution.stdout).toBe("deaf\ndeaf\n");
  });

  it("cpuMs counts all processes together: two that stay below it each are ended by their sum", async () => {
    const code = program(
      "import os, time",
      "print('before', flush=True)",
      "child = os.fork()",
      "while time.process_time() < 0.6: pass",
      "time.sleep(60)", // neither ends by itself, however late it is stopped
      "print('after')",
    );
    const execution = await run(code, { cpuMs: 800, cpuPercent: 200, timeoutMs: stretched(25_000) });
    expect(execution.outcome).toEqual({ kind: "timed-out", limit: "cpuMs", stage: "run", violations: [] });
    expect(execution.stdout).toBe("before\n");
    expect(execution.metrics.cpuMs).toBeGreaterThanOrEqual(800);
    expect(execution.metrics.cpuMs).toBeLessThan(1_400);
  });

  it("memoryBytes ends a program that takes more as out of memory", async () => {
    const code = program(
      "print('before', flush=True)",
      "kept = b'x' * (300 << 20)",
      "import time",
      "time.sleep(5)",
      "print('after')",
    );
    const execution = await run(code, { memoryBytes: 64 * MIB });
    expect(execution.outcome).toEqual({ kind: "out-of-memory", stage: "run", violations: [] });
    expect(execution.stdout).toBe("before\n");
  });

  it("memoryBytes counts all processes together", async () => {
    const code = program("import os, time", "os.fork()", "kept = b'x' * (50 << 20)", "time.sleep(5)", "print('after')");
    const execution = await run(code, { memoryBytes: 80 * MIB });
    expect(execution.outcome).toEqual({ kind: "out-of-memory", stage: "run", violations: [] });
    expect(execution.stdout).toBe("");
  });

  it("memoryBytes counts the files that the program writes", async () => {
    const code = program(
      "with open('big', 'wb') as file:",
      "    for _ in range(100): file.write(b'x' * (1 << 20))",
      "import time",
      "time.sleep(5)",
    );
    const execution = await run(code, { memoryBytes: 64 * MIB, diskBytes: 128 * MIB });
    expect(execution.outcome).toEqual({ kind: "out-of-memory", stage: "run", violations: [] });
  });

  it("memoryBytes ends a program whose child dies of it, though the program would go on", async () => {
    const code = program(
      "import subprocess, sys",
      "subprocess.run([sys.executable, '-S', '-c', \"import time; kept = b'x' * (300 << 20); time.sleep(5)\"])",
      "print('after', flush=True)",
      "import time",
      "time.sleep(5)",
      "print('much later')",
    );
    const execution = await run(code, { memoryBytes: 64 * MIB });
    expect(execution.outcome).toEqual({ kind: "out-of-memory", stage: "run", violations: [] });
    expect(execution.stdout).not.toContain("much later");
  });

  it("processes refuses the program one more and the outcome names it", async () => {
    const code = program(
      "import subprocess, time",
      "children = []",
      "print('before', flush=True)",
      "try:",
      "    for _ in range(20): children.append(subprocess.Popen(['/bin/sleep', '30']))",
      "except OSError as error:",
      "    print(type(error).__name__, len(children), flush=True)",
      "time.sleep(0.3)",
    );
    const execution = await run(code, { processes: 8 });
    if (sandboxes().isolation.cgroups === "none" && sandboxes().isolation.uids === "shared") {
      // Nothing can refuse it there: the excess is found by sampling and ends the program.
      expect(execution.outcome).toEqual({
        kind: "signalled",
        signal: "SIGKILL",
        stage: "run",
        violations: ["processes"],
      });
      expect(execution.stdout).toBe("before\n");
    } else {
      expect(execution.outcome).toEqual({ kind: "exited", code: 0, stage: "run", violations: ["processes"] });
      expect(execution.stdout).toBe("before\nBlockingIOError 7\n");
    }
  });

  it("processes counts threads", async () => {
    const code = program(
      "import threading, time",
      "try:",
      "    for count in range(20): threading.Thread(target=time.sleep, args=(60,)).start()",
      "except RuntimeError:",
      "    print(count, 'ready', flush=True)",
      "time.sleep(60)",
    );
    const execution = await lookedAt(sandboxes(), { code, limits: { processes: 8 } });
    expect(execution.outcome.violations).toEqual(["processes"]);
    const refused = sandboxes().isolation.cgroups !== "none" || sandboxes().isolation.uids === "separate";
    expect([execution.outcome.kind, execution.stdout]).toEqual(
      refused ? ["cancelled", "7 ready\n"] : ["signalled", ""],
    );
  });

  it("outputBytes keeps exactly as many bytes of a flood", async () => {
    const execution = await run("while True: print('0123456789')", { outputBytes: 1_005 });
    expect(execution.outcome).toEqual({ kind: "output-limit", limit: "outputBytes", stage: "run", violations: [] });
    expect(execution.stdout).toBe(`${"0123456789\n".repeat(91)}0123`);
  });

  it("outputBytes counts stdout and stderr together", async () => {
    const code = program("import sys", "while True:", "    print('out')", "    print('err', file=sys.stderr)");
    const execution = await run(code, { outputBytes: 100_001 });
    expect(execution.outcome).toEqual({ kind: "output-limit", limit: "outputBytes", stage: "run", violations: [] });
    expect(execution.stdout.length + execution.stderr.length).toBe(100_001);
    expect(execution.stdout.length).toBeGreaterThan(10_000);
    expect(execution.stderr.length).toBeGreaterThan(10_000);
  });

  it("outputBytes of 0 allows no output at all", async () => {
    const execution = await run("print('x')", { outputBytes: 0 });
    expect(execution.outcome).toEqual({ kind: "output-limit", limit: "outputBytes", stage: "run", violations: [] });
    expect(execution.stdout).toBe("");
  });

  it("outputLines keeps exactly as many lines of a flood", async () => {
    const execution = await run("while True: print('a line')", { outputLines: 1_234 });
    expect(execution.outcome).toEqual({ kind: "output-limit", limit: "outputLines", stage: "run", violations: [] });
    expect(execution.stdout).toBe("a line\n".repeat(1_234));
  });

  it("outputLines counts stdout and stderr together", async () => {
    const code = program("import sys", "while True:", "    print('out')", "    print('err', file=sys.stderr)");
    const execution = await run(code, { outputLines: 777 });
    expect(execution.outcome).toEqual({ kind: "output-limit", limit: "outputLines", stage: "run", violations: [] });
    expect(execution.stdout.split("\n").length - 1 + execution.stderr.split("\n").length - 1).toBe(777);
  });

  it("diskBytes ends a program whose one file grows too large", async () => {
    const code = program(
      "print('before', flush=True)",
      "with open('big', 'wb') as file:",
      "    while True: file.write(b'x' * 65536)",
    );
    const execution = await run(code, { diskBytes: 4 * MIB });
    expect(execution.outcome).toEqual({ kind: "disk-limit", stage: "run", violations: [] });
    expect(execution.stdout).toBe("before\n");
  });

  it("diskBytes counts all writable folders together", async () => {
    const code = program(
      "print('before', flush=True)",
      "for folder in ('/workspace', '/tmp', '/dev/shm', '/var/tmp'):",
      "    open(folder + '/part' + folder.replace('/', '_'), 'wb').write(b'x' * (3 << 19))",
      "print('after')",
    );
    const execution = await run(code, { diskBytes: 4 * MIB });
    expect(execution.outcome).toEqual({ kind: "disk-limit", stage: "run", violations: [] });
    expect(execution.stdout).toBe("before\n");
  });

  it("diskBytes bounds the number of files too", async () => {
    const code = program(
      "print('before', flush=True)",
      "for number in range(100_000): open(str(number), 'w').close()",
      "print('after')",
    );
    const execution = await run(code, { diskBytes: 4 * MIB });
    expect(execution.outcome).toEqual({ kind: "disk-limit", stage: "run", violations: [] });
    expect(execution.stdout).toBe("before\n");
  });

  it("openFiles refuses the program one more and the outcome names it", async () => {
    const code = program(
      "import time",
      "files = []",
      "try:",
      "    while True: files.append(open('/dev/null'))",
      "except OSError as error:",
      "    print(error.errno, files[-1].fileno(), 'ready', flush=True)",
      "time.sleep(60)",
    );
    const execution = await lookedAt(sandboxes(), { code, limits: { openFiles: 40 } });
    expect(execution.outcome).toEqual({ kind: "cancelled", stage: "run", violations: ["openFiles"] });
    expect(execution.stdout).toBe("24 39 ready\n");
  });

  it("openFiles is named when a program ends by it at once", async () => {
    const execution = await run("files = []\nwhile True: files.append(open('/dev/null'))", { openFiles: 40 });
    expect(execution.outcome).toEqual({ kind: "exited", code: 1, stage: "run", violations: ["openFiles"] });
    expect(execution.error?.message).toBe("[Errno 24] Too many open files: '/dev/null'");
  });
});
