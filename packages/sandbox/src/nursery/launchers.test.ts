import { once } from "node:events";
import { tmpdir } from "node:os";
import { afterEach, expect, test, vi } from "vitest";
import { Launchers } from "./launchers.ts";

vi.mock("./archive.ts", () => ({ builtNurseryArchive: () => "/dev/null", nurseryArchive: () => "/dev/null" }));

const launchers = new Launchers();
afterEach(() => launchers.close());

const take = () => launchers.take(tmpdir());

async function end(child: ReturnType<typeof take>): Promise<unknown> {
  const ended = once(child, "exit");
  child.stdin?.end();
  return (await ended)[0];
}

test("each nursery has a process of its own, and one that was started ahead is the first's", async () => {
  launchers.startAhead();
  const [first, second] = [take(), take()];
  expect(first.pid).not.toBe(second.pid);
  expect([await end(first), await end(second)]).toEqual([0, 0]);
});

test("one that nobody takes ends, and closing twice is closing once", async () => {
  launchers.startAhead();
  await Promise.all([launchers.close(), launchers.close()]);
  const other = take();
  expect(await end(other)).toBe(0);
});
