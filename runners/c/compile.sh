#!/bin/sh
# compile.sh GCC ENTRY: makes one program of the entry and all other .c files below the working directory.
#
# Files are named relative to the working directory, so that messages and __FILE__ are (`src/util.c`). gnu17 rather
# than c17: with the latter the headers hide what a program on Linux expects of them (strdup, getline, M_PI).
set -eu

gcc=$1
entry=${2#"$PWD"/}
product=${GLOVEBOX_PRODUCT:-/glovebox/product}

# A name that begins with - or @ keeps its ./, without which the compiler would take it for an option. One with a line
# break in it would be several names below, and some of them options: it takes no part.
case $entry in [-@]*) entry=./$entry ;; esac
newline='
'
others=
set -- *
if [ "$*" != "$entry" ]; then
  others=$(
    find . -type f -name '*.c' ! -path "*$newline*" |
      sed 's|^\./\([^-@]\)|\1|' | grep -Fvx -e "$entry" | LC_ALL=C sort
  ) || true
fi

set -f
IFS=$newline
# shellcheck disable=SC2086  # one name a line
exec "$gcc" -std=gnu17 -O2 -Wall -Wextra -pthread -iquote . -iquote include \
  -x c "$entry" $others -o "$product/program" -lm
