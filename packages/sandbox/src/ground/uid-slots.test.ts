import { describe, expect, it } from "vitest";
import { UidSlots } from "./uid-slots.ts";

describe("the user ids of the programs", () => {
  it("are each given to one sandbox at a time, and none is given when all are in use", () => {
    const slots = new UidSlots([1000, 1001, 1002], false);
    expect([slots.take(), slots.take(), slots.take(), slots.take()]).toEqual([1000, 1001, 1002, undefined]);
    slots.give(1001);
    expect([slots.take(), slots.take()]).toEqual([1001, undefined]);
  });

  it("are never used up when one is shared by all", () => {
    const slots = new UidSlots([0], true);
    expect([slots.take(), slots.take()]).toEqual([0, 0]);
    slots.give(0);
    expect(slots.take()).toBe(0);
  });

  it("do not change the list that they come from", () => {
    const ids = Object.freeze([1, 2]);
    const slots = new UidSlots(ids, false);
    slots.take();
    expect(ids).toEqual([1, 2]);
  });
});
