#!/bin/sh
# compile.sh G++ ENTRY: makes one program of the entry and all other C++ files below the working directory.
#
# Most of the time of a small program goes into reading headers of the standard library. warm.sh has read the
# costliest of them ahead of time. The compiler takes such a header only before anything else, so it is put first
# with -include, and only for a file that itself begins with includes of standard headers and has this one among
# them: standard headers may be included in any order and any number of times, so that the program means the same.
#
# gold links the standard library in less than half the time of ld. What it does not link is left to ld, whose
# messages are then the compiler's.
set -eu
runner=${0%/*}
# shellcheck source=SCRIPTDIR/flags.sh
. "$runner/flags.sh"
# shellcheck source=SCRIPTDIR/../c/objects.sh
. "$runner/../c/objects.sh"
# shellcheck source=SCRIPTDIR/../c/sources.sh
. "$runner/../c/sources.sh"

compiler=$1
entry=${2#"$PWD"/}
product=${GLOVEBOX_PRODUCT:-/glovebox/product}
warm=${GLOVEBOX_WARM:-/glovebox-warm}
work=${TMPDIR:-/tmp}
objects=$work/objects

# Sets `headers` to those, each between blanks, that FILE includes before its first line of another kind. A line that
# is not plainly an include, a comment or empty ends the search: to find too few costs time only.
find_leading_headers() {
  headers=' '
  while read -r line; do
    case $line in
      *\\) return ;; # goes on in the next line
      '' | //*) continue ;;
      '#include <'*'>'* | '#include<'*'>'*) ;;
      *) return ;;
    esac
    line=${line#*<}
    rest=${line#*>}
    case ${rest#"${rest%%[! ]*}"} in
      '' | //*) ;;
      *) return ;;
    esac
    case ${line%%>*} in
      bits/stdc++.h) ;;
      */*) return ;; # of another library
    esac
    headers="$headers${line%%>*} "
  done <"$1"
}

# Sets `ready` to the header that FILE gets first, or to nothing.
find_ready_header() {
  find_leading_headers "$1"
  ready=
  case $headers in
    *' bits/stdc++.h '*) unpack_everything ;;
    *' iostream '*) ready=$warm/iostream.h ;;
  esac
  [ -f "$ready.gch" ] || ready=
}

# The script is ended by a failure here and not left to -e, which does not count in what is called with `||`.
unpack_everything() {
  [ -f "$warm/everything.h.gch.gz" ] || return 0
  ready=$objects/everything.h
  [ ! -f "$ready" ] || return 0
  gzip -dc "$warm/everything.h.gch.gz" >"$ready.gch" || exit
  cp "$warm/everything.h" "$ready" || exit
}

# compile FILE OBJECT
compile() {
  find_ready_header "$1"
  # shellcheck disable=SC2086  # flags are words
  "$compiler" $flags ${ready:+-include "$ready"} -iquote . -iquote include -x c++ -c "$1" -o "$2" </dev/null
}

# A name that begins with - or @ keeps its ./, without which the compiler would take it for an option.
case $entry in [-@]*) entry=./$entry ;; esac
others=
set -- *
if [ "$*" != "$entry" ]; then
  find_others "$entry" "$work" -name '*.cpp' -o -name '*.cc' -o -name '*.cxx'
fi

mkdir "$objects"
printf '%s\n' "$entry" ${others:+"$others"} >"$objects/sources"
failed=
set --
while read -r file; do
  object=$objects/$#.o
  compile "$file" "$object" || failed=1
  set -- "$@" "$object"
done <"$objects/sources"
[ -z "$failed" ] || exit 1

part_of_all=$warm/line-buffered.o
[ -f "$part_of_all" ] || part_of_all=$runner/../c/line-buffered.c

link() {
  # shellcheck disable=SC2086  # flags are words
  "$compiler" $flags "$part_of_all" "$@" -o "$product/program"
}
link -fuse-ld=gold "$@" 2>"$objects/gold" || {
  status=0
  link "$@" 2>"$objects/messages" || status=$?
  name_sources "$objects" <"$objects/messages"
  exit "$status"
}
