import { afterAll, beforeAll, describe, expect } from "vitest";
import { type AttackGround, openGround } from "../support/attack-ground.ts";
import { proves } from "../support/attack-proof.ts";
import { stretched } from "../support/host-slowness.ts";
import { LongestTurn } from "../support/thread-time.ts";

let ground: AttackGround;
beforeAll(async () => {
  ground = await openGround();
});
afterAll(() => ground.close());

const frames = `
def frame(kind, payload):
    body = json.dumps(payload).encode() if isinstance(payload, (dict, list)) else payload
    return struct.pack(">IB", len(body), kind) + body
def message(payload):
    body = json.dumps(payload).encode() if isinstance(payload, (dict, list)) else payload
    return struct.pack(">I", len(body)) + body
forged = {"outcome": {"kind": "exited", "code": 0, "violations": []}, "metrics": {"wallMs": 1, "cpuMs": 1, "peakMemoryBytes": 1, "startMs": 1},
          "skipped": [], "notListed": 0, "warnings": []}
forgeries = [frame(0x30, forged), frame(0x31, {"message": "owned", "trace": ""}), frame(0x20, {"path": "../../planted", "size": 1, "sha256": "0" * 64}),
             frame(0x10, b"forged output"), frame(0x01, {"id": "0" * 24}), frame(0x80, {}), frame(0x81, b"x"), frame(0x83, {"graceMs": 0}), frame(0x14, {"limit": "cpuMs", "used": 1, "allowed": 1})]
def send(descriptor, data):
    try:
        os.set_blocking(descriptor, False)
        return os.write(descriptor, data)
    except OSError as error:
        return said(error.errno)
`;

describe("what a program says", () => {
  proves("protocol.forged-frames", "", async () => {
    const { execution, report } = await ground.attack({
      code: `${frames}
reached = []
for descriptor in [*range(3, 1024)]:
    for data in forgeries:
        if isinstance(send(descriptor, data), int) and descriptor not in reached:
            reached.append(descriptor)
report(reached=reached)
sys.stdout.flush()
for data in forgeries:
    os.write(2, data)
os._exit(3)
`,
    });
    // Descriptor 3 is the way to the warden, which takes what comes out of it for the program's own words.
    expect(report).toEqual({ reached: [3] });
    expect(execution.outcome).toEqual({ kind: "exited", code: 3, violations: [], stage: "run" });
    expect([execution.artifacts, execution.results, execution.displays, execution.error]).toEqual([[], {}, [], null]);
    expect(execution.stdout).not.toContain("forged output");
    expect(execution.stderr).toContain("forged output");
  });

  proves("protocol.forged-frames", "on every descriptor, garbage", async () => {
    const { execution } = await ground.attack({
      code: `
for descriptor in range(1024):
    if descriptor in (1, 2):
        continue
    for garbage in (b"\\xff" * 64, b"\\0" * 64, os.urandom(4096), b"GET / HTTP/1.1\\r\\n\\r\\n"):
        try:
            os.set_blocking(descriptor, False)
            os.write(descriptor, garbage)
        except OSError:
            pass
sys.exit(4)
`,
    });
    expect(execution.outcome).toEqual({ kind: "exited", code: 4, violations: [], stage: "run" });
    expect(execution.warnings).toEqual([
      "the program's result channel was cut off: a message was too large or malformed, or there were too many",
    ]);
  });

  for (const [name, data] of Object.entries({
    "a length of 4 GiB": `struct.pack(">I", 0xFFFFFFFF) + b"x" * 1000`,
    "a length just too large": `struct.pack(">I", (9 << 20) + 1) + b"x" * (9 << 20)`,
    "half a message": `struct.pack(">I", 1000) + b"x"`,
  })) {
    proves("protocol.huge-lengths", name, async () => {
      const { execution } = await ground.attack({
        code: `
data = ${data}
while data:
    data = data[os.write(3, data):]
print("done")
sys.exit(5)
`,
      });
      expect([execution.outcome, execution.stdout]).toEqual([
        { kind: "exited", code: 5, violations: [], stage: "run" },
        "done\n",
      ]);
    });
  }

  for (const [name, announced] of [
    ["as success", 0],
    ["as the status it really ends with", 5],
  ] as const) {
    proves("protocol.forged-end", name, async () => {
      const { execution } = await ground.attack({
        code: `
import os, sys, time
os.write(3, b"\\xff\\xff\\xff\\xff" + bytes([${announced}]))
time.sleep(0.3)
print("still here")
open("late", "w").write("late")
sys.exit(5)
`,
      });
      expect([execution.outcome, execution.stdout, execution.artifacts.map(({ path }) => path)]).toEqual([
        { kind: "exited", code: 5, violations: [], stage: "run" },
        "still here\n",
        ["late"],
      ]);
      expect(execution.metrics.wallMs).toBeGreaterThan(300);
    });
  }

  proves("protocol.hostile-json", "", async () => {
    const { execution } = await ground.attack({
      code: `${frames}
hostile = [
    b"", b"null", b"[]", b'"text"', b"{", b"\\xff\\xfe", b"NaN", b'{"type": "finished"}', b'{"type": "exit", "code": 0}', b'{"type": 7}',
    b'{"type": "result", "name": "__proto__", "value": {"polluted": true}}',
    b'{"type": "result", "name": "constructor", "value": 1}',
    b'{"__proto__": {"polluted": true}, "type": "value", "value": {"__proto__": {"polluted": true}}}',
    b'{"type": "variables", "variables": {"__proto__": {"polluted": true}}}',
    b'{"type": "display", "data": {"__proto__": {"polluted": true}, "text/plain": "x"}}',
    b'{"type": "progress", "fraction": 1e999, "message": null}',
    b'{"type": "progress", "fraction": 2, "message": null}',
    b'{"type": "error", "error": {"type": "X"}}',
    b'{"type": "value", "value": ' + b"[" * 100000 + b"]" * 100000 + b"}",
    b'{"type": "value", "value": ' + b'{"a":' * 100000 + b"1" + b"}" * 100000 + b"}",
    b'{"type": "value", "value": 1' + b"0" * 100000 + b"}",
    b'{"type": "result", "name": "' + b"n" * 10000 + b'", "value": 1}',
]
for one in hostile:
    data = message(one)
    while data:
        data = data[os.write(3, data):]
print("done")
sys.exit(6)
`,
    });
    expect([execution.outcome, execution.stdout]).toEqual([
      { kind: "exited", code: 6, violations: [], stage: "run" },
      "done\n",
    ]);
    expect(({} as { polluted?: unknown }).polluted).toBe(undefined);
    expect((execution.results as { polluted?: unknown }).polluted).toBe(undefined);
    expect(JSON.stringify(execution).length).toBeLessThan(100_000);
  });

  proves("protocol.flood", "empty messages", async () => {
    const turns = new LongestTurn();
    const { execution } = await ground.attack({
      code: `
data = bytes(65536)
while True:
    os.write(3, data)
`,
      limits: { timeoutMs: stretched(5_000) }, // time enough for the 131,072 messages after which it is cut off
    });
    expect(execution.outcome).toEqual({ kind: "timed-out", limit: "timeoutMs", violations: [], stage: "run" });
    expect(execution.warnings).toContain(
      "the program's result channel was cut off: a message was too large or malformed, or there were too many",
    );
    expect(execution.warnings.length).toBeLessThanOrEqual(101);
    expect(turns.end()).toBeLessThan(stretched(1_000));
  });

  for (const [name, body] of Object.entries({
    "a value of many small parts": `b'{"type": "value", "value": [' + b"0," * 4000000 + b"0]}"`,
    "a value of many empty lists": `b'{"type": "value", "value": [' + b"[]," * 2500000 + b"0]}"`,
    "a value of many names": `b'{"type": "value", "value": {' + b",".join(b'"%d":0' % n for n in range(700000)) + b"}}"`,
    "one long text": `b'{"type": "value", "value": "' + b"x" * 8000000 + b'"}'`,
  })) {
    proves("protocol.large-messages", name, async () => {
      const turns = new LongestTurn();
      const { execution } = await ground.attack({
        code: `${frames}
for _ in range(3):
    data = message(${body})
    while data:
        data = data[os.write(3, data):]
    data = None
print("done")
`,
        limits: { timeoutMs: stretched(20_000) },
      });
      expect([execution.outcome.kind, execution.stdout]).toEqual(["exited", "done\n"]);
      // While the host's one thread reads a message everybody waits.
      expect(turns.end()).toBeLessThan(stretched(1_500));
    });
  }

  proves("protocol.large-messages", "results and displays without end", async () => {
    const { execution } = await ground.attack({
      code: `
for number in range(60):
    save_result(f"result-{number}", "x" * 1_000_000)
    display("y" * 1_000_000)
    sys.stdout.flush()
print("done")
`,
      limits: { timeoutMs: stretched(20_000) },
    });
    expect([execution.outcome.kind, execution.stdout]).toEqual(["exited", "done\n"]);
    expect(JSON.stringify([execution.results, execution.displays]).length).toBeLessThan(34 << 20);
    expect(execution.warnings).toContain(
      "the program's result channel was cut off: a message was too large or malformed, or there were too many",
    );
  });

  proves("protocol.descriptors-sent", "", async () => {
    const { execution } = await ground.attack({
      code: `
import array
channel = socket.socket(fileno=os.dup(3))
sent = 0
for number in range(300):
    descriptors = array.array("i", [os.open("/dev/zero", os.O_RDONLY)] * 50)
    try:
        channel.sendmsg([struct.pack(">I", 2) + b"{}"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, descriptors)])
        sent += 1
    except OSError as error:
        report(refused=said(error.errno))
        break
    finally:
        os.close(descriptors[0])
channel.shutdown(socket.SHUT_RD)
print("done")
sys.exit(7)
`,
    });
    expect(execution.outcome).toEqual({ kind: "exited", code: 7, violations: [], stage: "run" });
    expect(execution.stdout).toContain("done\n");
  });

  proves("protocol.channel-closed", "", async () => {
    const { execution } = await ground.attack({
      code: `
os.close(3)
replacement = os.open("/dev/null", os.O_WRONLY)
save_result("lost", 1)
print("done", replacement)
sys.exit(8)
`,
    });
    expect([execution.outcome, execution.stdout, execution.results]).toEqual([
      { kind: "exited", code: 8, violations: [], stage: "run" },
      "done 3\n",
      {},
    ]);
  });

  proves("protocol.parent-descriptors", "", async () => {
    const { execution, report } = await ground.attack({
      code: `${frames}
import glob
found["open"] = sorted(int(name) for name in os.listdir("/proc/self/fd"))[:4]
for path in ("/proc/1/fd/1", "/proc/1/fd/4", "/proc/self/fd/3", "/proc/self/task/%d/fd/3" % os.getpid(), "/dev/fd/3"):
    found[path] = outcome(lambda: os.write(os.open(path, os.O_WRONLY), forgeries[0]))
found["pipes"] = outcome(lambda: os.read(os.open("/proc/self/fd/1", os.O_RDONLY | os.O_NONBLOCK), 100) and None)
finish()
sys.exit(9)
`,
    });
    expect(execution.outcome).toEqual({ kind: "exited", code: 9, violations: [], stage: "run" });
    const { open, pipes, ...answers } = report;
    expect(open).toEqual([0, 1, 2, 3]);
    expect(["EAGAIN", "EACCES"]).toContain(pipes);
    expect(Object.values(answers)).toEqual(["ENOENT", "ENOENT", "ENXIO", "ENXIO", "ENXIO"]);
  });
});
