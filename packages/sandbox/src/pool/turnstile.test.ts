import { describe, expect, it } from "vitest";
import { Turnstile } from "./turnstile.ts";

const never = new AbortController().signal;
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe("a turnstile", () => {
  it("lets as many through as it has places, and the next when one leaves, in order", async () => {
    const turnstile = new Turnstile(2);
    const order: string[] = [];
    const enter = (name: string) => void turnstile.enter(never).then(() => order.push(name));
    for (const name of ["a", "b", "c", "d"]) enter(name);
    await settled();
    expect([order, turnstile.waiting]).toEqual([["a", "b"], 2]);
    turnstile.leave();
    await settled();
    expect([order, turnstile.waiting]).toEqual([["a", "b", "c"], 1]);
    turnstile.leave();
    turnstile.leave();
    await settled();
    enter("e");
    await settled();
    expect([order, turnstile.waiting]).toEqual([["a", "b", "c", "d", "e"], 0]);
  });

  it("rejects with the reason of a signal that aborts while waiting, and forgets the one who waited", async () => {
    const turnstile = new Turnstile(1);
    await turnstile.enter(never);
    const first = new AbortController();
    const given = turnstile.enter(first.signal);
    let through = false;
    const second = turnstile.enter(never).then(() => {
      through = true;
    });
    const reason = new Error("no patience");
    first.abort(reason);
    await expect(given).rejects.toBe(reason);
    expect(turnstile.waiting).toBe(1);
    turnstile.leave();
    await second;
    expect(through).toBe(true);
  });

  it("rejects at once for a signal that has aborted, though there is a place", async () => {
    const turnstile = new Turnstile(1);
    const reason = new Error("over");
    await expect(turnstile.enter(AbortSignal.abort(reason))).rejects.toBe(reason);
    await turnstile.enter(never);
    expect(turnstile.waiting).toBe(0);
  });

  it("does not lose a place to a signal that aborts after the entry", async () => {
    const turnstile = new Turnstile(1);
    await turnstile.enter(never);
    const controller = new AbortController();
    const second = turnstile.enter(controller.signal);
    turnstile.leave();
    await second;
    controller.abort();
    const third = turnstile.enter(never);
    expect(turnstile.waiting).toBe(1);
    turnstile.leave();
    await third;
  });
});
