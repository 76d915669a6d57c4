import { readFileSync } from "node:fs";

/** Numbers of the capabilities that controls depend on: capabilities(7). */
const numbers = { CAP_DAC_READ_SEARCH: 2, CAP_SYS_RESOURCE: 24 } as const;

/** Whether this process, and so a control, has a capability of the host; in a container not even root has all. */
export function hostGrants(capability: keyof typeof numbers): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0";
  return ((BigInt(`0x${effective}`) >> BigInt(numbers[capability])) & 1n) === 1n;
}
