# shellcheck shell=sh disable=SC2034
# The sources of a program besides its entry.

# find_others ENTRY WORK TEST...: sets `others` to the files below the working directory that pass the tests of find, one
# a line and without the entry. A name with a line break in it would be several, and some of them options: it takes no
# part. WORK is a folder for lists.
#
# Each step is a command of its own, whose failure ends the script. Of a pipeline only the last one's would be seen, and a
# program that lacks some of its files may well compile to another program.
find_others() {
  others_but=$1
  lists=$2
  shift 2
  find . -type f ! -path '*
*' \( "$@" \) >"$lists/found"
  sed 's|^\./\([^-@]\)|\1|' "$lists/found" >"$lists/named"
  grep -Fvx -e "$others_but" "$lists/named" >"$lists/others" || [ $? -eq 1 ] # which is none
  others=$(LC_ALL=C sort "$lists/others")
}

# stands_alone: whether there is nothing in the working directory but `entry`.
stands_alone() {
  set -- *
  [ "$*" = "$entry" ]
}

# find_part_of_all COMPILER RUNNER WARM WORK: sets `part_of_all` to the object that is part of every program. Without
# warm files it is made, with none of the options that the program may be compiled with.
find_part_of_all() {
  part_of_all=$3/line-buffered.o
  [ ! -f "$part_of_all" ] || return 0
  part_of_all=$4/line-buffered.o
  "$1" -O2 -x c -c "$2/line-buffered.c" -o "$part_of_all"
}
