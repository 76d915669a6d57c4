// Takes 16 MiB after 16 MiB outside the heap of V8 and writes on all of it; a RangeError ends it where it is refused.
const blocks: Buffer[] = [];
while (true) {
  blocks.push(Buffer.alloc(16 << 20, "x"));
}
