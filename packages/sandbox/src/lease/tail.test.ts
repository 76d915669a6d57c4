import { describe, expect, it } from "vitest";
import { Tail } from "./tail.ts";

function tailOf(limit: number, ...chunks: (string | Uint8Array)[]): string {
  const tail = new Tail(limit);
  for (const chunk of chunks) tail.push(Buffer.from(chunk));
  return tail.text();
}

describe("the tail of a stream", () => {
  it("is all of it while it is short, and empty before anything came", () => {
    expect(tailOf(10)).toBe("");
    expect(tailOf(10, "abc", "", "def")).toBe("abcdef");
    expect(tailOf(6, "abc", "def")).toBe("abcdef");
  });

  it("is its last bytes, however they came", () => {
    expect(tailOf(5, "abcdefgh")).toBe("defgh");
    expect(tailOf(5, "abc", "defgh")).toBe("defgh");
    expect(tailOf(5, "abcd", "efgh")).toBe("defgh");
    expect(tailOf(5, "abcdefgh", "i")).toBe("efghi");
    expect(tailOf(5, ..."abcdefgh")).toBe("defgh");
  });

  it("is the same for every way to cut the stream", () => {
    const text = "0123456789".repeat(4);
    for (let size = 1; size <= text.length; size++) {
      const chunks = text.match(new RegExp(`.{1,${size}}`, "g")) ?? [];
      expect(tailOf(17, ...chunks)).toBe(text.slice(-17));
    }
  });

  it("may be read in between and goes on", () => {
    const tail = new Tail(4);
    tail.push(Buffer.from("abc"));
    expect(tail.text()).toBe("abc");
    tail.push(Buffer.from("def"));
    expect(tail.text()).toBe("cdef");
  });

  it("costs the same for each byte, whether they come one by one or not", () => {
    const tail = new Tail(65_536);
    const bytes = Array.from({ length: 256 }, (_, value) => Buffer.from([value]));
    for (let count = 0; count < 2_000_000; count++) tail.push(bytes[count % 251] ?? Buffer.alloc(0));
    const expected = Buffer.from(Array.from({ length: 65_536 }, (_, index) => (2_000_000 - 65_536 + index) % 251));
    expect(tail.text()).toBe(expected.toString("utf8"));
  });

  it("keeps what came, not the memory that it came in", () => {
    const chunk = Buffer.from("abc");
    const tail = new Tail(10);
    tail.push(chunk);
    chunk.fill("x");
    expect(tail.text()).toBe("abc");
  });

  it("shows a character that was cut at its start, and bytes that are none, as what they are", () => {
    expect(tailOf(4, "x€y")).toBe("€y");
    expect(tailOf(3, "x€y")).toBe("\ufffd\ufffdy");
    expect(tailOf(10, Buffer.from([0xff, 0x41]))).toBe("\ufffdA");
    expect(tailOf(10, Buffer.from([0xe2, 0x82]), Buffer.from([0xac]))).toBe("€");
  });
});
