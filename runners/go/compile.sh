#!/bin/sh
# compile.sh GO ENTRY OPTION...: makes a program of the entry's package.
#
# With a go.mod in the entry's folder or above it, that is the package of the folder, in its module. Otherwise it is
# all .go files of the folder together, without those of tests.
#
# The go command spends more time on finding out what is to be done than the compiler and the linker on doing it. For
# a file that stands alone this is known: they are called as the go command calls them. What they refuse, and what
# only the go command knows (files to embed, the build's description, options), is left to it, and so are all messages.
set -eu

go=$1
entry=${2#"$PWD"/}
shift 2
options=$#
product=${GLOVEBOX_PRODUCT:-/glovebox/product}
warm=${GLOVEBOX_WARM:-/glovebox-warm}
work=${TMPDIR:-/tmp}
export GOCACHE="$work/gocache" GOPATH="$work/go" CGO_ENABLED=0 GOENV=off GOPROXY=off GOTOOLCHAIN=local

case $entry in
  */*) folder=./${entry%/*} ;;
  *) folder=. ;;
esac
module=$folder
while [ "$module" != . ] && [ ! -f "$module/go.mod" ]; do module=${module%/*}; done

# What is built, behind the options: the package, or its files. The go command takes a file by its extension alone.
first=$folder/${entry##*/}
named=$first
case $entry in *.go) ;; *) named=$first.go ;; esac
if [ -f "$module/go.mod" ]; then
  set -- "$@" ".${folder#"$module"}"
else
  set -- "$@" "$named"
  for file in "$folder"/*.go; do
    case $file in
      *_test.go | "$first") ;;
      */\*.go) ls "$folder" >/dev/null ;; # there are none, or the folder cannot be read, which ends it
      *) set -- "$@" "$file" ;;
    esac
  done
fi

build_alone() {
  [ -f "$warm/importcfg" ] && [ ! -f "$module/go.mod" ] && [ "$options" -eq 0 ] && [ $# -eq 1 ] || return
  found=0
  grep -q -e '//go:' -e '"runtime/debug"' "$first" || found=$?
  [ "$found" -eq 1 ] || return # 1 says that it has none of these; anything else that it has, or that nobody knows
  read -r tools <"$warm/tools"
  "$tools/compile" -p main -complete -pack -importcfg "$warm/importcfg" -o "$work/main.a" "$first" &&
    "$tools/link" -s -w -importcfg "$warm/importcfg.all" -o "$product/program" "$work/main.a"
}
if build_alone "$@" >"$work/messages" 2>&1; then exit; fi

# The go command writes into its cache.
[ ! -d "$warm/cache" ] || cp -rs "$warm/cache" "$GOCACHE"

# Its messages have the file's own name.
if [ "$named" != "$first" ]; then
  printf %s "$PWD/$entry" >"$work/name"
  quoted=$(sed 's/[\\"]/\\&/g' "$work/name")
  printf '{"Replace": {"%s.go": "%s"}}' "$quoted" "$quoted" >"$work/overlay.json"
  export GOFLAGS="${GOFLAGS:+$GOFLAGS }-overlay=$work/overlay.json"
fi

# Names the files that need cgo. The go command passes over them without a word.
refuse_cgo() {
  # shellcheck disable=SC2016  # a template of Go
  CGO_ENABLED=1 "$go" list -e -deps \
    -f '{{if not .Standard}}{{$folder := .Dir}}{{range .CgoFiles}}{{$folder}}/{{.}}{{"\n"}}{{end}}{{end}}' "$@" |
    while IFS= read -r file; do
      line=$(grep -n -m 1 '^[^/]*"C"' "$file") || continue
      echo "${file#"$workspace"/}:${line%%:*}: import \"C\": there is no cgo"
    done
}

workspace=$PWD
cd "$module"
status=0
"$go" build -ldflags '-s -w' -o "$product/program" "$@" 2>"$work/messages" || status=$?
if [ "$status" -ne 0 ] && grep -rqs --include='*.go' '"C"' .; then
  refuse_cgo "$@" >&2 2>>"$work/messages" || true
fi
cat "$work/messages" >&2
[ "$status" -eq 0 ] || exit "$status"

# Of a package that is no program the go command makes a library.
beginning=$(head -c 7 "$product/program")
if [ "$beginning" = '!<arch>' ]; then
  rm "$product/program"
  echo "package $("$go" list "$@") is not a main package" >&2
  exit 1
fi
