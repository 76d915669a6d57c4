import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { createSandboxes } from "@glovebox/sandbox";
import { python } from "../bare.ts";
import { figure, type Scenario } from "../scenario.ts";

const parked = 8;
const MIB = 1024 * 1024;

/** Proportional set size of a process in bytes; 0 when it is gone. */
function pss(pid: number): number {
  try {
    const kib = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1];
    return Number(kib ?? 0) * 1024;
  } catch {
    return 0;
  }
}

function nameOf(pid: number): string {
  return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
}

function childrenOf(pid: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((candidate) => {
      try {
        const stat = readFileSync(`/proc/${candidate}/stat`, "latin1");
        return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]) === pid;
      } catch {
        return false;
      }
    });
}

function descendantsOf(pid: number): number[] {
  return childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)]);
}

/** What parked sandboxes cost above the nursery that all of them share. Needs root to read their memory. */
export const memory: Scenario = {
  name: "memory",
  async run() {
    const idle = spawn(python, ["-c", "input()"], { stdio: ["pipe", "ignore", "inherit"] });
    const sandboxes = await createSandboxes({
      pool: { min: parked, max: parked },
      waive: ["cgroups", "separate-uids"],
    });
    try {
      const deadline = performance.now() + 60_000;
      while (sandboxes.stats().parked < parked) {
        if (performance.now() > deadline) throw new Error("the pool was not filled");
        await sleep(50);
      }
      await sleep(500);
      const [bubblewrap = 0] = childrenOf(process.pid).filter((pid) => nameOf(pid) === "bwrap");
      const [nursery = 0] = childrenOf(bubblewrap);
      const each = descendantsOf(nursery).reduce((sum, pid) => sum + pss(pid), 0) / parked;
      const peer = pss(idle.pid ?? 0);
      return [
        figure({
          name: "memory of a parked sandbox without libraries (PSS of warden and runner)",
          unit: "MiB",
          ours: each / MIB,
          peer: peer / MIB,
          peerName: "an idle python3",
          goal: { of: "ours", atMost: 6 },
          details: { nurseryMiB: pss(nursery) / MIB },
        }),
      ];
    } finally {
      idle.kill();
      await sandboxes.close();
    }
  },
};
