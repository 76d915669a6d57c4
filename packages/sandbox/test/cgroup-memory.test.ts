// Depends on: identity, cgroups.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CgroupLimits, type Cgroups, noCgroups, openCgroups } from "../src/host/cgroups/index.ts";
import { giveUpPages } from "../src/host/cgroups/v1-memory.ts";
import { planIdentities } from "../src/host/identities.ts";
import { newInstanceName } from "../src/host/process-identity.ts";
import { eventually } from "./support/host-slowness.ts";
import { checkLeftovers, temporaryFolder } from "./support/sandboxes.ts";

const MIB = 1024 * 1024;
const limits: CgroupLimits = { memoryBytes: 512 * MIB, cpuPercent: 100, processes: 64 };

checkLeftovers();
const folder = temporaryFolder();
let cgroups: Cgroups = noCgroups;
beforeAll(async () => {
  if (process.env.GLOVEBOX_TEST_CGROUPS !== "none") cgroups = await openCgroups(newInstanceName());
});
afterAll(() => cgroups.close());

/** The memory cgroup of a new sandbox, where this process sees it. */
function create(id: string, wanted = limits): string {
  const { memory = "" } = cgroups.create(id, wanted, planIdentities());
  const binding = cgroups.bindings.find(({ target }) => memory.startsWith(target));
  if (binding === undefined) throw new Error(`no binding for ${memory}`);
  return memory.replace(binding.target, binding.source);
}

const read = (cgroup: string, file: string) => readFileSync(join(cgroup, file), "utf8");
const count = (cgroup: string, file: string) => Number(read(cgroup, file));
const cached = (cgroup: string) => Number(/^total_cache (\d+)/m.exec(read(cgroup, "memory.stat"))?.[1]);

/** Runs a Python program in a cgroup until it has said that it is done; it then waits for its end. */
async function runIn(cgroup: string, code: string): Promise<ChildProcess> {
  const whole = `import os, sys\nopen(sys.argv[1] + "/cgroup.procs", "w").write(str(os.getpid()))\n${code}\nprint("done", flush=True)\nsys.stdin.read()\n`;
  const child = spawn("/usr/bin/python3", ["-I", "-c", whole, cgroup, folder()], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  expect(line).toBe("done");
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

/** What the other kinds have nothing of: version 2 counts sockets with all other memory and gives no folder twice. */
function onV1(promise: string, body: () => Promise<void>): void {
  it(promise, async () => {
    if (cgroups.kind === "v1") await body();
  });
}

describe("the memory cgroup of a sandbox on version 1", () => {
  onV1(
    "bounds the buffers of internet sockets by an eighth of the memory, before the first process is in it",
    async () => {
      const file = "memory.kmem.tcp.limit_in_bytes";
      const cgroup = create("bounded");
      expect([read(cgroup, file), read(cgroup, "cgroup.procs")]).toEqual(["67108864\n", ""]);
      cgroups.limit("bounded", { ...limits, memoryBytes: 1024 * MIB });
      expect(read(cgroup, file)).toBe("134217728\n");
      cgroups.limit("bounded", { ...limits, memoryBytes: 16 * MIB });
      expect(read(cgroup, file)).toBe("4194304\n");
      await cgroups.remove("bounded");
    },
  );

  onV1("goes to the next sandbox without the buffers of the one before", async () => {
    const cgroup = create("before");
    const child = await runIn(
      cgroup,
      `
import socket
reader = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
reader.bind(("127.0.0.1", 0))
for _ in range(20):
    reader.sendto(b"x" * 10000, reader.getsockname())
`,
    );
    expect(count(cgroup, "memory.kmem.tcp.usage_in_bytes")).toBeGreaterThan(50_000);
    await end(child);
    await cgroups.remove("before");
    const next = create("next");
    expect(count(next, "memory.kmem.tcp.usage_in_bytes")).toBe(0);
    await cgroups.remove("next");
  });

  onV1("gives up the pages of files that would keep it alive, once there are many memory cgroups", async () => {
    const descriptor = openSync(join(folder(), "read"), "w");
    writeSync(descriptor, Buffer.alloc(2 * MIB, 1));
    fsyncSync(descriptor);
    closeSync(descriptor);
    const cgroup = create("reader");
    const child = await runIn(
      cgroup,
      `
file = os.open(sys.argv[2] + "/read", os.O_RDONLY)
os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
while os.read(file, 1 << 20): pass
`,
    );
    await end(child);
    expect(cached(cgroup)).toBeGreaterThanOrEqual(2 * MIB);
    await giveUpPages(cgroup, Number.POSITIVE_INFINITY);
    expect(cached(cgroup)).toBeGreaterThanOrEqual(2 * MIB);
    await eventually("it holds no page of a file", async () => {
      await giveUpPages(cgroup, 0);
      return cached(cgroup) === 0 ? true : undefined;
    });
    await cgroups.remove("reader");
    await expect(giveUpPages(`${cgroup}-removed`, 0)).resolves.toBeUndefined();
  });
});
