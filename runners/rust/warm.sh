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

# symbols LIBRARY LIST: those that programs are linked with. Each step is a command of its own, whose failure ends the
# script: two lists that could not be made would be the same.
symbols() {
  nm -D --defined-only "$1" >"$work/symbols"
  sed 's/^[^ ]* //; / rust_metadata_/d' "$work/symbols" >"$work/unsorted"
  sort "$work/unsorted" >"$2"
}

: >"$work/empty.rs"
for library in "${rustc%/*}"/../lib/rustlib/*/lib/libstd-*.so; do
  [ -f "$library" ] || continue
  # One with all its names is fine.
  nm "$library" >"$work/names" 2>"$work/messages"
  [ ! -s "$work/names" ] || continue
  name=${library##*/}
  "$rustc" --edition 2021 --crate-type dylib -C link-arg="-Wl,-soname,$name" -C link-arg=-Wl,--strip-debug \
    -o "$work/$name" "$work/empty.rs"
  symbols "$library" "$work/theirs"
  symbols "$work/$name" "$work/ours"
  differ=0
  cmp -s "$work/theirs" "$work/ours" || differ=$?
  case $differ in
    0) mv "$work/$name" "$product" ;;
    1) ;;
    *) exit "$differ" ;;
  esac
done
