import { readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { put, putIfPresent } from "./files.ts";

/** The bound of the buffers of internet sockets, which no other limit of version 1 counts. */
export const socketLimitFile = "memory.kmem.tcp.limit_in_bytes";
/** One part of the memory limit; the kernel's own bound for all of a host is of this order. */
const socketShare = 8;
/** Below this the kernel hardly lets data through one connection of TCP (measured: 60 MB/s at 1 MiB). */
const leastSocketBytes = 4 * 1024 * 1024;

/** What TCP and UDP may keep for a sandbox, beside the memory that its limit counts. */
function socketBytes(memoryBytes: number): number {
  return Math.max(Math.floor(memoryBytes / socketShare), leastSocketBytes);
}

/**
 * Sets the limits of a memory cgroup. The kernel counts the buffers of TCP and UDP apart from all other memory, and
 * only those of sockets that are made after the first limit for them: this precedes the sandbox's first process.
 */
export function setMemoryLimits(folder: string, memoryBytes: number): void {
  // The sum of memory and swap may never be below memory: write it last when lowering and first when raising.
  try {
    put(folder, "memory.limit_in_bytes", memoryBytes);
  } catch {
    putIfPresent(folder, "memory.memsw.limit_in_bytes", memoryBytes);
    put(folder, "memory.limit_in_bytes", memoryBytes);
  }
  putIfPresent(folder, "memory.memsw.limit_in_bytes", memoryBytes);
  putIfPresent(folder, socketLimitFile, socketBytes(memoryBytes));
}

/** Charges that may be left of the sandbox before, in bytes; with more a cgroup is not used again. */
const cleanBytes = 1024 * 1024;

function charged(folder: string, file: string): number {
  try {
    return Number(readFileSync(join(folder, file), "latin1"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return 0;
    throw error;
  }
}

/** True when nothing of the last sandbox narrows the next one. Buffers of UDP are returned a moment after its end. */
export function isClean(folder: string): boolean {
  return (
    charged(folder, "memory.usage_in_bytes") < cleanBytes && charged(folder, "memory.kmem.tcp.usage_in_bytes") === 0
  );
}

/** Memory cgroups of the host, the removed ones included, from which on removed ones are not left to themselves. */
const crowdedFrom = 4_096;

function memoryCgroups(): number {
  const line = readFileSync("/proc/cgroups", "latin1").match(/^memory\s+\d+\s+(\d+)/m);
  return Number(line?.[1] ?? 0);
}

async function holdsPages(folder: string): Promise<boolean> {
  const text = await readFile(join(folder, "memory.stat"), "latin1");
  return Number(/^total_cache (\d+)/m.exec(text)?.[1] ?? 0) > 0;
}

/**
 * Makes a memory cgroup ready to be removed. One that is charged with pages of files lives on in the kernel, without
 * a folder, for as long as they are cached: a program can leave one behind with each run. Giving the pages up would
 * end it, but they are what makes the next run of a language quick to start (measured: 110 ms for a C program when the
 * compiler is cached, 240 to 370 ms when each run gives it up), so that it happens only when there are many. Never
 * fails: a cgroup that cannot be emptied can be removed all the same.
 */
export async function giveUpPages(folder: string, crowded = crowdedFrom): Promise<void> {
  try {
    if (memoryCgroups() < crowded || !(await holdsPages(folder))) return;
    await writeFile(join(folder, "memory.force_empty"), "0"); // takes milliseconds, hence not synchronous
  } catch {
    // No such file, already removed, or processes that are still ending.
  }
}
