import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Demand } from "./demand.ts";

describe("the demand for parked sandboxes", () => {
  it("starts at the minimum, doubles with each miss, and stops at the maximum", () => {
    const demand = new Demand(1, 6);
    const targets = [demand.target];
    for (let count = 0; count < 4; count++) {
      demand.missed();
      targets.push(demand.target);
    }
    expect(targets).toEqual([1, 2, 4, 6, 6]);
  });

  it("grows from 0 to 1", () => {
    const demand = new Demand(0, 4);
    demand.missed();
    expect(demand.target).toBe(1);
  });

  it("stays at 0 when the maximum is 0", () => {
    const demand = new Demand(0, 0);
    demand.missed();
    expect(demand.target).toBe(0);
  });

  it("falls by one for each interval in which some of the stock was not touched", () => {
    const demand = new Demand(1, 8);
    for (let count = 0; count < 3; count++) demand.missed();
    const targets = [demand.target];
    for (let count = 0; count < 9; count++) {
      demand.rest();
      targets.push(demand.target);
    }
    // The first interval is the one with the misses.
    expect(targets).toEqual([8, 8, 7, 6, 5, 4, 3, 2, 1, 1]);
  });

  it("stays while the stock is used up in each interval", () => {
    const demand = new Demand(1, 8);
    demand.missed();
    demand.missed();
    demand.rest();
    for (let count = 0; count < 3; count++) {
      demand.took(2);
      demand.took(0);
      demand.took(1);
      demand.rest();
    }
    expect(demand.target).toBe(4);
    demand.took(1);
    demand.rest();
    expect(demand.target).toBe(3);
  });

  it("never leaves its bounds", () => {
    const step = fc.oneof(fc.constant("missed"), fc.constant("rest"), fc.nat(10));
    fc.assert(
      fc.property(fc.nat(5), fc.nat(10), fc.array(step), (min, more, steps) => {
        const demand = new Demand(min, min + more);
        for (const one of steps) {
          if (one === "missed") demand.missed();
          else if (one === "rest") demand.rest();
          else demand.took(Number(one));
          expect(demand.target).toBeGreaterThanOrEqual(min);
          expect(demand.target).toBeLessThanOrEqual(min + more);
        }
      }),
    );
  });
});
