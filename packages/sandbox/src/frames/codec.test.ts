import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeFrame, FrameDecoder } from "./codec.ts";

function encoded(frames: readonly (readonly [number, Uint8Array])[]): Buffer {
  return Buffer.concat(frames.flatMap(([kind, payload]) => encodeFrame(kind, payload)));
}

/** What a decoder makes of a stream that comes in these pieces. */
function decode(pieces: readonly Buffer[]): [number, string][] {
  const decoder = new FrameDecoder();
  const found: [number, string][] = [];
  for (const piece of pieces) decoder.push(piece, (kind, payload) => found.push([kind, payload.toString("hex")]));
  return found;
}

const frame = fc.tuple(fc.integer({ min: 0, max: 255 }), fc.uint8Array({ maxLength: 300 }));

describe("a frame", () => {
  it("is four bytes of length, one of kind, and the payload", () => {
    expect(encoded([[0x83, Buffer.from("ab")]]).toString("hex")).toBe("00000002836162");
    expect(Buffer.concat(encodeFrame(0x30, { a: 1 })).toString("latin1")).toBe('\0\0\0\x07\x30{"a":1}');
    expect(encoded([[1, new Uint8Array()]]).toString("hex")).toBe("0000000001");
  });

  it("holds only its own part of a larger buffer", () => {
    const large = Buffer.from("0123456789");
    expect(encoded([[1, large.subarray(2, 4)]]).toString("hex")).toBe("00000002013233");
  });
});

describe("the decoder", () => {
  it("gives the same frames however the stream is cut", () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 12 }), fc.array(fc.nat(400), { maxLength: 30 }), (frames, cuts) => {
        const stream = encoded(frames);
        const pieces: Buffer[] = [];
        let rest = stream;
        for (const cut of cuts) {
          pieces.push(rest.subarray(0, cut));
          rest = rest.subarray(cut);
        }
        pieces.push(rest);
        expect(decode(pieces)).toEqual(frames.map(([kind, payload]) => [kind, Buffer.from(payload).toString("hex")]));
      }),
    );
  });

  it("gives a frame only when it is complete", () => {
    const stream = encoded([[7, Buffer.from("abc")]]);
    for (let size = 0; size < stream.length; size++) expect(decode([stream.subarray(0, size)])).toEqual([]);
    expect(decode([stream])).toEqual([[7, "616263"]]);
  });

  it("accepts a payload of exactly the maximum, 10 MiB", () => {
    const payload = Buffer.alloc(10 * 1024 * 1024, 1);
    const decoder = new FrameDecoder();
    const sizes: number[] = [];
    const stream = encoded([[5, payload]]);
    for (let at = 0; at < stream.length; at += 65_536) {
      decoder.push(stream.subarray(at, at + 65_536), (_, body) => sizes.push(body.length));
    }
    expect(sizes).toEqual([10_485_760]);
  });

  it("throws for a length over the maximum before it collects anything of it", () => {
    const header = Buffer.alloc(5);
    header.writeUInt32BE(10 * 1024 * 1024 + 1, 0);
    expect(() => decode([header])).toThrow("frame of ");
    expect(() => decode([header])).toThrow("frame of 10485761 bytes");
    expect(() => decode([Buffer.from("ffffffff00", "hex")])).toThrow("frame of 4294967295 bytes");
  });
});
