#!/bin/sh
# warm.sh RUSTC: links the standard library again, with the names of all its functions. Distributions strip them from
# the one that programs are linked with, and then a backtrace is empty: Rust looks for where it begins by such a name.
#
# A library of an empty crate holds the standard library, as the compiler would have linked it. Only one that has
# exactly the symbols of the toolchain's own can take its place; else that is what programs use.
set -eu

rustc=$1
product=${GLOVEBOX_PRODUCT:-/glovebox/product}
work=${TMPDIR:-/tmp}

# symbols LIBRARY: those that programs are linked with
symbols() {
  nm -D --defined-only "$1" | sed 's/^[^ ]* //; / rust_metadata_/d' | sort
}

: >"$work/empty.rs"
for library in "${rustc%/*}"/../lib/rustlib/*/lib/libstd-*.so; do
  [ -f "$library" ] || continue
  # One with all its names is fine.
  [ -z "$(nm "$library" 2>/dev/null | head -c 1)" ] || continue
  name=${library##*/}
  "$rustc" --edition 2021 --crate-type dylib -C link-arg="-Wl,-soname,$name" -C link-arg=-Wl,--strip-debug \
    -o "$work/$name" "$work/empty.rs"
  symbols "$library" >"$work/theirs"
  symbols "$work/$name" >"$work/ours"
  if cmp -s "$work/theirs" "$work/ours"; then mv "$work/$name" "$product"; fi
done
