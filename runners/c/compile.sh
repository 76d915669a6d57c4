#!/bin/sh
# compile.sh GCC ENTRY: makes one program of the entry and all other .c files below the working directory.
#
# Files are named relative to the working directory, so that messages and __FILE__ are (`src/util.c`). gnu17 rather
# than c17: with the latter the headers hide what a program on Linux expects of them (strdup, getline, M_PI).
set -eu
runner=${0%/*}
# shellcheck source=SCRIPTDIR/objects.sh
. "$runner/objects.sh"
# shellcheck source=SCRIPTDIR/sources.sh
. "$runner/sources.sh"

gcc=$1
entry=${2#"$PWD"/}
product=${GLOVEBOX_PRODUCT:-/glovebox/product}
warm=${GLOVEBOX_WARM:-/glovebox-warm}
work=${TMPDIR:-/tmp}
objects=$work/objects
flags='-std=gnu17 -O2 -Wall -Wextra -pthread'

# A name that begins with - or @ keeps its ./, without which the compiler would take it for an option.
case $entry in [-@]*) entry=./$entry ;; esac
newline='
'
others=
set -- *
if [ "$*" != "$entry" ]; then find_others "$entry" "$work" -name '*.c'; fi

part_of_all=$warm/line-buffered.o
[ -f "$part_of_all" ] || part_of_all=$runner/line-buffered.c

messages=$work/messages
status=0
(
  set -f
  # shellcheck disable=SC2086  # flags are words
  set -- $flags "$part_of_all" -iquote . -iquote include -x c "$entry"
  IFS=$newline
  # shellcheck disable=SC2086  # one name a line
  exec "$gcc" "$@" $others -o "$product/program" -lm
) 2>"$messages" || status=$?
if [ "$status" -eq 0 ] || ! grep -q '^collect2: ' "$messages"; then
  [ ! -s "$messages" ] || cat "$messages" >&2
  exit "$status"
fi

# It does not link. Done again in a way in which the objects have names.
mkdir "$objects"
printf '%s\n' "$entry" ${others:+"$others"} >"$objects/sources"
set --
while read -r file; do
  # shellcheck disable=SC2086  # flags are words
  "$gcc" $flags -iquote . -iquote include -x c -c "$file" -o "$objects/$#.o" </dev/null
  set -- "$@" "$objects/$#.o"
done <"$objects/sources"
# shellcheck disable=SC2086  # flags are words
"$gcc" $flags "$part_of_all" "$@" -o "$product/program" -lm 2>&1 | name_sources "$objects"
exit "$status"
