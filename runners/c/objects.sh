# shellcheck shell=sh
# For programs of several object files: what the linker says names the sources, not the objects.

# name_sources OBJECTS: passes messages of the linker on to stderr. OBJECTS/N.o was made of line N, counted from 0, of
# OBJECTS/sources. The linker itself knows the last part of a source's name only, and for variables not even that.
name_sources() {
  awk -v objects="$1/" '
    FILENAME != "-" { source[NR - 1] = $0; next }
    / in function |ld: / { place = "" }
    place != "" && match($0, /^[^:()]+:\(/) { $0 = place substr($0, RLENGTH - 1) }
    {
      line = ""
      while ((at = index($0, objects)) > 0) {
        rest = substr($0, at + length(objects))
        place = source[rest + 0]
        line = line substr($0, 1, at - 1) place
        if (match(rest, /^[0-9]+\.o:[^:()]+:\(/)) $0 = ":(" substr(rest, RLENGTH + 1)
        else $0 = substr(rest, index(rest, ".o") + 2)
      }
      print line $0
    }
  ' "$1/sources" - >&2
}
