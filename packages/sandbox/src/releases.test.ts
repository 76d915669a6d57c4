import { describe, expect, it } from "vitest";
import { Releases } from "./releases.ts";

describe("releases", () => {
  it("run last in, first out, each once", async () => {
    const order: number[] = [];
    const releases = new Releases();
    for (const number of [1, 2, 3]) releases.add(async () => void order.push(number));
    await releases.run();
    await releases.run();
    expect(order).toEqual([3, 2, 1]);
  });

  it("run all even when one fails, and reject with the first failure", async () => {
    const order: number[] = [];
    const releases = new Releases();
    releases.add(async () => void order.push(1));
    releases.add(async () => {
      throw new Error("second");
    });
    releases.add(async () => {
      throw new Error("first");
    });
    await expect(releases.run()).rejects.toThrow("first");
    expect(order).toEqual([1]);
  });
});
