import { type Duplex, duplexPair } from "node:stream";
import { type Isolation, type Limits, ProblemError } from "@glovebox/protocol";
import type { Ground, GroundEvents } from "../../src/pool/ground.ts";

export const fakeIsolation: Isolation = { backend: "namespaces", cgroups: "none", uids: "shared", waived: [] };

interface FakeSandbox {
  readonly rehearse: boolean;
  /** Both ends of the line to its warden, from when it is parked on. */
  lines: { readonly host: Duplex; readonly warden: Duplex } | undefined;
}

/** Whether sandboxes are parked by themselves, a turn of the event loop after they are asked for. */
type Parking = "by itself" | "when told";

/**
 * A ground in memory. What happens to sandboxes otherwise is done by hand: `report` parks one, `die` and `fail` end one,
 * `end` ends all. A line that its host closes ends its sandbox, as a warden does.
 */
export class FakeGround implements Ground {
  readonly isolation = fakeIsolation;
  readonly errors: string[] = [];
  /** Every id that was asked for, in order. */
  readonly asked: string[] = [];
  readonly limited: { readonly id: string; readonly limits: Limits }[] = [];
  readonly killed: string[] = [];
  /** What `start` rejects with. */
  refusal: string | undefined;
  /** What `park` throws. */
  parkError: string | undefined;
  alive = false;
  closed = false;
  readonly #standing = new Map<string, FakeSandbox>();
  readonly #parking: Parking;
  #rooms: number;
  #events: GroundEvents | undefined;

  constructor({ parking = "by itself", rooms = 1_000 }: { parking?: Parking; rooms?: number } = {}) {
    this.#parking = parking;
    this.#rooms = rooms;
  }

  async start(events: GroundEvents): Promise<void> {
    await Promise.resolve();
    if (this.closed) throw new ProblemError("sandbox-unavailable", "closed while it was started");
    if (this.refusal !== undefined) throw new ProblemError("sandbox-unavailable", this.refusal);
    this.#events = events;
    this.alive = true;
  }

  park(id: string, { rehearse }: { readonly rehearse: boolean }): boolean {
    if (!this.alive || this.#standing.size >= this.#rooms) return false;
    if (this.parkError !== undefined) throw new Error(this.parkError);
    this.asked.push(id);
    this.#standing.set(id, { rehearse, lines: undefined });
    if (this.#parking === "by itself") setImmediate(() => this.report(id));
    return true;
  }

  /** Those that have not reported themselves, in order. */
  get parking(): string[] {
    return [...this.#standing].flatMap(([id, { lines }]) => (lines === undefined ? [id] : []));
  }

  get standing(): string[] {
    return [...this.#standing.keys()];
  }

  rehearses(id: string): boolean | undefined {
    return this.#standing.get(id)?.rehearse;
  }

  /** Parks one that was asked for; without a name all of them. */
  report(id?: string): void {
    if (id === undefined) {
      for (const one of this.parking) this.report(one);
      return;
    }
    const sandbox = this.#standing.get(id);
    if (sandbox === undefined || sandbox.lines !== undefined) return;
    const [host, warden] = duplexPair();
    sandbox.lines = { host, warden };
    warden.on("error", () => {});
    warden.on("close", () => host.destroy());
    warden.resume();
    host.pause();
    host.on("close", () => this.die(id));
    this.#events?.parked(id, host);
  }

  /** The warden's end of the line to a parked one. */
  lineOf(id: string): Duplex | undefined {
    return this.#standing.get(id)?.lines?.warden;
  }

  die(id: string): void {
    if (this.#remove(id)) this.#events?.gone(id);
  }

  fail(id: string, message: string): void {
    if (this.#remove(id)) this.#events?.failed(id, message);
  }

  /** The ground is dead. */
  end(): void {
    this.alive = false;
    for (const id of this.standing) this.#remove(id);
    this.#events?.ended();
  }

  setRooms(rooms: number): void {
    this.#rooms = rooms;
  }

  kill(id: string): void {
    if (!this.#standing.has(id)) return;
    this.killed.push(id);
    setImmediate(() => this.die(id));
  }

  limit(id: string, limits: Limits): void {
    if (this.#standing.has(id)) this.limited.push({ id, limits });
  }

  async close(): Promise<void> {
    this.closed = true;
    this.alive = false;
    this.#events = undefined;
    for (const id of this.standing) this.#remove(id);
  }

  #remove(id: string): boolean {
    const sandbox = this.#standing.get(id);
    this.#standing.delete(id);
    sandbox?.lines?.host.destroy();
    sandbox?.lines?.warden.destroy();
    return sandbox !== undefined;
  }
}
