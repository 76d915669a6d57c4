#!/bin/sh
# warm.sh G++: reads the costliest headers of the standard library ahead of time; compile.sh says when they are used.
#
# bits/stdc++.h is kept compressed, because every start of a process pays for the size of what is kept: 21 MB instead
# of 118. Unpacking takes 0.7 s of the 1.6 s that it saves.
set -eu
runner=${0%/*}
# shellcheck source=SCRIPTDIR/flags.sh
. "$runner/flags.sh"

compiler=$1
product=${GLOVEBOX_PRODUCT:-/glovebox/product}

# precompile NAME HEADER
precompile() {
  echo "#include <$2>" >"$product/$1.h"
  # shellcheck disable=SC2086  # flags are words
  "$compiler" $flags -x c++-header "$product/$1.h" -o "$product/$1.h.gch"
}

precompile iostream iostream
precompile everything bits/stdc++.h
gzip -n "$product/everything.h.gch"

/bin/sh "$runner/../c/warm.sh" "$compiler"
