#!/bin/sh
# warm.sh COMPILER: compiles ahead of time what is part of every program.
set -eu
exec "$1" -O2 -c "${0%/*}/line-buffered.c" -o "${GLOVEBOX_PRODUCT:-/glovebox/product}/line-buffered.o"
