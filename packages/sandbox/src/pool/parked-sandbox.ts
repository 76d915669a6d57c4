import type { Socket } from "node:net";
import type { CgroupLimits } from "../host/cgroups/index.ts";

/** A sandbox that is locked down and waits for its one lease. */
export interface ParkedSandbox {
  readonly id: string;
  /** The connection to its warden, paused; nothing has been read from it since it reported itself. */
  readonly socket: Socket;
  /** Sets the limits that its cgroup enforces. */
  limit(limits: CgroupLimits): void;
  /** Destroys it whatever its warden is doing. */
  kill(): void;
  /** Resolves when the kernel has removed every process of it. */
  readonly gone: Promise<void>;
}
