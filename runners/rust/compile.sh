#!/bin/sh
# compile.sh RUSTC ENTRY OPTION...: makes a program of the crate whose root is the entry; `mod x;` brings its other files.
#
# Optimized, because loops and iterators run 20 to 30 times faster for it, with the checks of a plain build
# (overflow, debug_assert!), so that a program means what it means to `rustc main.rs`. The standard library is linked
# dynamically: copying it into each program takes as long as all the rest of a small compilation. Lines for backtraces
# add a tenth to that of a small one.
set -eu

rustc=$1
entry=${2#"$PWD"/}
shift 2
product=${GLOVEBOX_PRODUCT:-/glovebox/product}
warm=${GLOVEBOX_WARM:-/glovebox-warm}

# The crate is called as its file; a name that no crate can have becomes one.
name=${entry##*/}
name=${name%.*}
case $name in
  [!A-Za-z_]* | *[!A-Za-z0-9_-]* | '') name=_$name ;;
esac
while :; do
  case $name in
    *[!A-Za-z0-9_]*) name=${name%%[!A-Za-z0-9_]*}_${name#*[!A-Za-z0-9_]} ;;
    *) break ;;
  esac
done
case $entry in [-@]*) entry=./$entry ;; esac

# Options stand behind ours, which they replace. The edition alone may not be said twice.
edition='--edition 2021'
for option in "$@"; do
  case $option in --edition*) edition= ;; esac
done
# shellcheck disable=SC2086  # options are words
set -- $edition --crate-name "$name" -C opt-level=1 -C lto=off -C debug-assertions=on -C debuginfo=1 "$@"
for library in "${rustc%/*}"/../lib/rustlib/*/lib/libstd-*.so; do
  [ ! -f "$library" ] || set -- "$@" -C prefer-dynamic -C link-arg=-Wl,-rpath,"$warm:${library%/*}"
done
exec "$rustc" "$@" -o "$product/program" "$entry"
