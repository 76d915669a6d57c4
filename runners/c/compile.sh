#!/bin/sh
# compile.sh GCC ENTRY OPTION...: makes one program of the entry and all other .c files below the working directory.
#
# Files are named relative to the working directory, so that messages and __FILE__ are (`src/util.c`). gnu17 rather
# than c17: with the latter the headers hide what a program on Linux expects of them (strdup, getline, M_PI). Options
# stand behind ours, which they replace, and behind the sources, because a library is searched for what precedes it.
set -eu
runner=${0%/*}
# shellcheck source=SCRIPTDIR/objects.sh
. "$runner/objects.sh"
# shellcheck source=SCRIPTDIR/sources.sh
. "$runner/sources.sh"

gcc=$1
entry=${2#"$PWD"/}
shift 2
product=${GLOVEBOX_PRODUCT:-/glovebox/product}
warm=${GLOVEBOX_WARM:-/glovebox-warm}
work=${TMPDIR:-/tmp}
objects=$work/objects
flags='-std=gnu17 -O2 -pthread'

# A name that begins with - or @ keeps its ./, without which the compiler would take it for an option.
case $entry in [-@]*) entry=./$entry ;; esac
newline='
'
if stands_alone; then others=; else find_others "$entry" "$work" -name '*.c'; fi
find_part_of_all "$gcc" "$runner" "$warm" "$work"

messages=$work/messages
status=0
(
  set -f
  IFS=$newline
  # shellcheck disable=SC2086  # one name a line
  set -- "$part_of_all" -iquote . -iquote include -x c "$entry" $others "$@"
  IFS=' '
  # shellcheck disable=SC2086  # flags are words
  exec "$gcc" $flags "$@" -o "$product/program" -lm
) 2>"$messages" || status=$?
if [ "$status" -eq 0 ] || ! grep -q '^collect2: ' "$messages"; then
  [ ! -s "$messages" ] || cat "$messages" >&2
  exit "$status"
fi

# It does not link. Done again in a way in which the objects have names.
mkdir "$objects"
printf '%s\n' "$entry" ${others:+"$others"} >"$objects/sources"
count=0
all=
while IFS= read -r file; do
  object=$objects/$count.o
  # shellcheck disable=SC2086  # flags are words
  "$gcc" $flags -iquote . -iquote include -x c -c "$file" "$@" -o "$object" </dev/null
  all=$all$object$newline
  count=$((count + 1))
done <"$objects/sources"
{
  set -f
  IFS=$newline
  # shellcheck disable=SC2086  # one name a line
  set -- $all "$@"
  IFS=' '
  # shellcheck disable=SC2086  # flags are words
  "$gcc" $flags "$part_of_all" "$@" -o "$product/program" -lm 2>&1
} | name_sources "$objects"
exit "$status"
