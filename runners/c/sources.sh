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
