import { describe, expect, it } from "vitest";
import { lines, noSource } from "../../test/support/error-patterns.ts";
import { runtimes } from "../languages/registry.ts";
import { readError } from "./error-text.ts";

const patterns = runtimes().find(({ name }) => name === "rust")?.errors.run ?? [];
const read = (...text: string[]) => readError(patterns, lines(...text, ""), "last", noSource);
const panic = "thread 'main' panicked at 'no: such', src/shop.rs:3:5";

describe("what is read of Rust's panics", () => {
  it("has the panic's own line without a backtrace", () => {
    expect(read(panic, "note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace")).toMatchObject({
      message: "no: such",
      frames: [{ file: "src/shop.rs", line: 3, function: "" }],
      line: 3,
    });
  });

  it("has the frames of a backtrace, but those of libraries", () => {
    const frames = [
      { file: "main.rs", line: 5, function: "main::main" },
      { file: "src/shop.rs", line: 3, function: "<main::Shop as core::fmt::Display>::fmt" },
    ];
    const short = [
      "stack backtrace:",
      "   0: rust_begin_unwind",
      "   1: core::panicking::panic_fmt",
      "             at /usr/src/rustc-1.63.0/library/core/src/panicking.rs:142:14",
      "   2: <main::Shop as core::fmt::Display>::fmt",
      "             at ./src/shop.rs:3:5",
      "   3: main::main",
      "             at ./main.rs:5:1",
    ];
    const full = [
      "stack backtrace:",
      "   0:     0x7f64e54fb0cc - rust_begin_unwind",
      "   1:     0x55f0a7e0d1b5 - <main::Shop as core::fmt::Display>::fmt::h40720b39560d0949",
      "                               at /workspace/src/shop.rs:3:5",
      "   2:     0x55f0a7e0d1d6 - main::main::hdb8fe92bd6a52beb",
      "                               at /workspace/main.rs:5",
      "   3:     0x7f612614b24a - __libc_start_call_main",
      "                               at ./csu/../sysdeps/nptl/libc_start_call_main.h:58:16",
    ];
    for (const text of [short, full]) expect(read(panic, ...text)).toMatchObject({ frames, line: 3 });
  });
});
