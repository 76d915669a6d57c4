import { constants } from "node:os";
import type { Outcome } from "@glovebox/protocol";

/** Wrong usage or input: nothing was started. */
export const usageError = 2;
/** The sandbox or this host failed, not the program. */
export const sandboxFault = 125;
/** The reader of the output went away, as for a process that SIGPIPE ends. */
export const outputGone = 141;

/** 128 + n for a signal by name; 255 for one that this system does not know. */
export function statusOfSignal(signal: string): number {
  const numbers: Readonly<Record<string, number>> = constants.signals;
  const number = numbers[signal];
  return number === undefined ? 255 : 128 + number;
}

/** The exit status of `glovebox run`. */
export function exitStatus(outcome: Outcome): number {
  switch (outcome.kind) {
    case "exited":
      return outcome.code;
    case "signalled":
      return statusOfSignal(outcome.signal);
    case "timed-out":
      return 124;
    case "sandbox-fault":
      return sandboxFault;
    case "refused":
      return 126;
    case "out-of-memory":
    case "output-limit":
    case "disk-limit":
      return 137;
    case "cancelled":
      return 130;
  }
}
