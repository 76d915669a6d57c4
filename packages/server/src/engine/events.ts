import {
  binaryEventsWarning,
  binaryRecordWarning,
  type FinishedExecution,
  type Problem,
  type ProgramEvent,
} from "@glovebox/protocol";

export type OutputStream = "stdout" | "stderr";

/** Output in whole characters of UTF-8, where it is UTF-8. */
export interface OutputEvent {
  readonly type: OutputStream;
  readonly data: Uint8Array;
  /** A limit has cut it off within a character, which does not make the output a binary one. */
  readonly cutOff?: true;
}

/** What happens in one execution, as the engine tells it. `finished` or `rejected` is the last event. */
export type EngineEvent =
  | (Extract<ProgramEvent, { type: "started" }> & { readonly id: string })
  | OutputEvent
  | Exclude<ProgramEvent, { type: "started" | OutputStream }>
  /** The record without the output, which has been told already. */
  | { readonly type: "finished"; readonly execution: FinishedExecution }
  | { readonly type: "rejected"; readonly problem: Problem }
  /** In place of the events from `from` on, which are held no more. */
  | { readonly type: "cut"; readonly from: number };

export interface LoggedEvent {
  readonly seq: number;
  readonly event: EngineEvent;
}

/** The events of an execution that is over, as they are kept: without the last one, which is made of the record. */
export interface KeptEvents {
  readonly events: readonly LoggedEvent[];
  /** The number of the last event. */
  readonly lastSeq: number;
  /** Streams of which events are not UTF-8. */
  readonly binary: readonly OutputStream[];
  /** What the events take in memory, in bytes. */
  readonly bytes: number;
}

export function isOutput(event: EngineEvent): event is OutputEvent {
  return event.type === "stdout" || event.type === "stderr";
}

const streams = ["stdout", "stderr"] as const;

/** The record for those who have read its output as events. `binary`: the streams of which events are not UTF-8. */
export function withoutOutput(execution: FinishedExecution, binary: readonly OutputStream[]): FinishedExecution {
  const { stdoutBase64: _stdout, stderrBase64: _stderr, ...rest } = execution;
  const ofRecord = streams.map(binaryRecordWarning);
  const warnings = execution.warnings.filter((warning) => !ofRecord.includes(warning));
  return { ...rest, stdout: "", stderr: "", warnings: [...warnings, ...binary.map(binaryEventsWarning)] };
}
