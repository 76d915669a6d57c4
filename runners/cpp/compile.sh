#!/bin/sh
# compile.sh G++ ENTRY OPTION...: makes one program of the entry and all other C++ files below the working directory.
#
# Most of the time of a small program goes into reading headers of the standard library. warm.sh has read the
# costliest of them ahead of time. The compiler takes such a header only before anything else, so it is put first
# with -include, and only for a file that itself begins with includes of standard headers and has this one among
# them: standard headers may be included in any order and any number of times, so that the program means the same. What
# was read with other options means something else, or is compiled with less of them than it should be: with options
# there is none, unless they are about warnings and libraries alone.
#
# gold links the standard library in less than half the time of ld. What it does not link is left to ld, whose
# messages are then the compiler's. Options stand behind ours, which they replace, and behind the objects, because a
# library is searched for what precedes it.
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
shift 2
product=${GLOVEBOX_PRODUCT:-/glovebox/product}
warm=${GLOVEBOX_WARM:-/glovebox-warm}
work=${TMPDIR:-/tmp}
objects=$work/objects
newline='
'

# fits_ready_headers OPTION...: whether headers that were read without these options are the same with them.
fits_ready_headers() {
  for option in "$@"; do
    case $option in -W* | -w | -l*) ;; *) return 1 ;; esac
  done
}

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
  ready=
  [ -z "$own_headers" ] || return 0
  find_leading_headers "$1"
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

# compile FILE OBJECT OPTION...
compile() {
  file=$1
  object=$2
  shift 2
  find_ready_header "$file"
  # shellcheck disable=SC2086  # flags are words
  "$compiler" $flags ${ready:+-include "$ready"} -iquote . -iquote include -x c++ -c "$file" "$@" -o "$object" </dev/null
}

# A name that begins with - or @ keeps its ./, without which the compiler would take it for an option.
case $entry in [-@]*) entry=./$entry ;; esac
if stands_alone; then
  others=
else
  find_others "$entry" "$work" -name '*.cpp' -o -name '*.cc' -o -name '*.cxx'
fi
own_headers=
fits_ready_headers "$@" || own_headers=1

mkdir "$objects"
printf '%s\n' "$entry" ${others:+"$others"} >"$objects/sources"
failed=
count=0
all=
while IFS= read -r source; do
  compile "$source" "$objects/$count.o" "$@" || failed=1
  all=$all$objects/$count.o$newline
  count=$((count + 1))
done <"$objects/sources"
[ -z "$failed" ] || exit 1

find_part_of_all "$compiler" "$runner/../c" "$warm" "$work"
set -f
IFS=$newline
# shellcheck disable=SC2086  # one name a line
set -- $all "$@"
IFS=' '

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
