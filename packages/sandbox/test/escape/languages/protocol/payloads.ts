/** What is said on the channel: messages of a program, and forgeries of them. */

export function message(payload: unknown): Buffer {
  const body = Buffer.isBuffer(payload) ? payload : Buffer.from(JSON.stringify(payload));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
}

function frame(kind: number, payload: unknown): Buffer {
  const body = message(payload);
  return Buffer.concat([body.subarray(0, 4), Buffer.from([kind]), body.subarray(4)]);
}

const forged = {
  outcome: { kind: "exited", code: 0, violations: [] },
  metrics: { wallMs: 1, cpuMs: 1, peakMemoryBytes: 1, startMs: 1 },
  skipped: [],
  notListed: 0,
  warnings: [],
};
export const forgeries = Buffer.concat([
  frame(0x30, forged),
  frame(0x31, { message: "owned", trace: "" }),
  frame(0x20, { path: "../../planted", size: 1, sha256: "0".repeat(64) }),
  frame(0x22, Buffer.from('{"name": "planted", "value": 1}\n')),
  frame(0x01, { id: "0".repeat(24) }),
]);
export const ready = Buffer.concat(Array.from({ length: 20 }, () => message({ type: "parked" })));
const deep = (open: string, inner: string, close: string) =>
  Buffer.from(`{"type":"value","value":${open.repeat(50_000)}${inner}${close.repeat(50_000)}}`);
export const hostile = Buffer.concat(
  [
    Buffer.alloc(0),
    Buffer.from("null"),
    Buffer.from("{"),
    Buffer.from([0xff, 0xfe]),
    Buffer.from('{"type":"finished"}'),
    Buffer.from('{"type":"result","name":"__proto__","value":{"polluted":true}}'),
    Buffer.from('{"__proto__":{"polluted":true},"type":"value","value":{"__proto__":{"polluted":true}}}'),
    Buffer.from('{"type":"variables","variables":{"__proto__":{"polluted":true}}}'),
    Buffer.from('{"type":"display","data":{"__proto__":{"polluted":true},"text/plain":"x"}}'),
    Buffer.from('{"type":"progress","fraction":1e999,"message":null}'),
    Buffer.from('{"type":"error","error":{"type":"X"}}'),
    deep("[", "", "]"),
    deep('{"a":', "1", "}"),
    Buffer.from(`{"type":"value","value":1${"0".repeat(100_000)}}`),
  ].map(message),
);
