import { eventBytes } from "./event-bytes.ts";
import { EventReader } from "./event-reader.ts";
import { type EngineEvent, isOutput, type KeptEvents, type LoggedEvent } from "./events.ts";
import { WholeOutput } from "./whole-output.ts";

/** Bytes of events that are held for those who come late. */
const defaultWindowBytes = 4 * 1024 * 1024;
/** The part of the window by which the foremost reader may be behind before the program has to wait: 1 MiB. */
const farBehind = 1 / 4;
/** The part at which the program goes on: 256 KiB. */
const near = 1 / 16;
/** The window can be so many times exceeded for the sake of the foremost reader, where the program does not wait. */
const mostWindows = 8;

export interface EventLogOptions {
  /** Goes on with the program that `push` has stopped. */
  readonly resume: () => void;
  readonly windowBytes?: number;
}

interface Held {
  readonly logged: LoggedEvent;
  readonly bytes: number;
  /** Bytes of all events before this one. */
  readonly before: number;
}

/*
 * The events of one execution, numbered once for all who read them.
 *
 * Open, then closed (`close`: the program is over, what was left of its output is there), then ended (`end`: the last
 * event is there). The log holds a window of the newest events. Older ones are dropped; a reader that wants them gets
 * one event `cut` in their place and goes on behind it.
 *
 * The program goes at the pace of its foremost reader: while that one is far behind, `push` answers false. So a reader
 * that is alone slows the program and misses nothing, and one that is slower than another misses something rather than
 * slowing it. Without readers the program is not slowed. Events that the foremost reader has not had are not
 * dropped, up to a multiple of the window: there are programs that cannot be made to wait, those that are being ended.
 */
export class EventLog {
  readonly #resume: () => void;
  readonly #windowBytes: number;
  readonly #output = new WholeOutput();
  readonly #held: Held[] = [];
  readonly #readers = new Set<EventReader>();
  /** The number of the next event. */
  #next = 0;
  /** Bytes of all events so far, and of those that are dropped. */
  #all = 0;
  #dropped = 0;
  /** The highest position of a reader. */
  #foremost = 0;
  #stopped = false;
  #ended = false;

  constructor({ resume, windowBytes = defaultWindowBytes }: EventLogOptions) {
    this.#resume = resume;
    this.#windowBytes = windowBytes;
  }

  /** Takes what the program tells. False: nothing more is to be read of it until `resume` is called. */
  push(event: EngineEvent): boolean {
    if (isOutput(event)) {
      const whole = this.#output.take(event.type, event.data);
      if (whole !== undefined) this.#add(whole);
    } else this.#add(event);
    this.#stopped ||= this.#behind() > this.#windowBytes * farBehind;
    return !this.#stopped;
  }

  /** The program is over. `cutOff`: a limit has cut its output. */
  close(cutOff: boolean): void {
    for (const rest of this.#output.rests(cutOff)) this.#add(rest);
  }

  /** Adds the last event. */
  end(event: EngineEvent): void {
    this.#ended = true;
    this.#stopped = false;
    this.#add(event);
  }

  /** Streams of which events are not UTF-8. */
  get binary(): KeptEvents["binary"] {
    return this.#output.binary;
  }

  /** What is held of a log that is closed, for those who come after its end. */
  kept(): KeptEvents {
    return {
      events: this.#held.map(({ logged: { seq, event } }) => ({ seq, event })),
      lastSeq: this.#next,
      binary: this.binary,
      bytes: this.#all - this.#dropped,
    };
  }

  /** A reader of the events after `afterSeq`; a number that is not reached yet stands for what comes from now on. */
  read(afterSeq: number): EventReader {
    const reader = new EventReader(Math.min(afterSeq + 1, this.#next), {
      take: (position) => this.#take(position),
      moved: () => this.#moved(reader),
      left: () => this.#left(reader),
    });
    this.#foremost = this.#readers.size === 0 ? reader.position : Math.max(this.#foremost, reader.position);
    this.#readers.add(reader);
    return reader;
  }

  /** How many read. */
  get readers(): number {
    return this.#readers.size;
  }

  #add(event: EngineEvent): void {
    const bytes = eventBytes(event, this.#windowBytes);
    this.#held.push({ logged: { seq: this.#next++, event }, bytes, before: this.#all });
    this.#all += bytes;
    for (const reader of this.#readers) reader.wake();
    this.#dropOld();
  }

  #dropOld(): void {
    const wanted = this.#readers.size === 0 ? this.#next : this.#foremost;
    for (let [oldest] = this.#held; oldest !== undefined && this.#held.length > 1; [oldest] = this.#held) {
      const bytes = this.#all - this.#dropped;
      if (bytes <= this.#windowBytes) return;
      if (oldest.logged.seq >= wanted && bytes <= this.#windowBytes * mostWindows) return;
      this.#dropped += oldest.bytes;
      this.#held.shift();
    }
  }

  #first(): number {
    return this.#next - this.#held.length;
  }

  /** The event for a reader at a position; `end` when there will be none, undefined when there is none yet. */
  #take(position: number): LoggedEvent | "end" | undefined {
    if (position >= this.#next) return this.#ended ? "end" : undefined;
    const first = this.#first();
    if (position < first) return { seq: first - 1, event: { type: "cut", from: position } };
    return this.#held[position - first]?.logged;
  }

  /** Bytes that the foremost reader has not had. */
  #behind(): number {
    if (this.#readers.size === 0 || this.#ended) return 0;
    const next = this.#held[this.#foremost - this.#first()];
    if (next !== undefined) return this.#all - next.before;
    return this.#foremost >= this.#next ? 0 : this.#all - this.#dropped;
  }

  #moved({ position }: EventReader): void {
    if (position <= this.#foremost) return;
    this.#foremost = position;
    this.#resumeWhenNear();
  }

  #left(reader: EventReader): void {
    if (!this.#readers.delete(reader)) return;
    if (reader.position === this.#foremost) {
      this.#foremost = 0;
      for (const { position } of this.#readers) this.#foremost = Math.max(this.#foremost, position);
    }
    this.#resumeWhenNear();
  }

  #resumeWhenNear(): void {
    if (!this.#stopped || this.#behind() > this.#windowBytes * near) return;
    this.#stopped = false;
    this.#resume();
  }
}
