#!/bin/sh
# compile.sh GO ENTRY: makes a program of the entry's package.
#
# With a go.mod in the entry's folder or above it, that is the package of the folder, in its module. Otherwise it is
# all .go files of the folder together, without those of tests.
#
# The go command spends more time on finding out what is to be done than the compiler and the linker on doing it. For
# a file that stands alone this is known: they are called as the go command calls them. What they refuse, and what
# only the go command knows (files to embed, the build's description), is left to it, and so are all messages.
set -eu

go=$1
entry=${2#"$PWD"/}
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

# What is built: the package, or its files.
if [ -f "$module/go.mod" ]; then
  set -- ".${folder#"$module"}"
else
  set -- "$folder/${entry##*/}"
  for file in "$folder"/*.go; do
    case $file in *_test.go | "$1") ;; *) set -- "$@" "$file" ;; esac
  done
fi

build_alone() {
  [ -f "$warm/importcfg" ] && [ ! -f "$module/go.mod" ] && [ $# -eq 1 ] || return
  if grep -q -e '//go:' -e '"runtime/debug"' "$1"; then return 1; fi
  read -r tools <"$warm/tools"
  "$tools/compile" -p main -complete -pack -importcfg "$warm/importcfg" -o "$work/main.a" "$1" &&
    "$tools/link" -s -w -importcfg "$warm/importcfg.all" -o "$product/program" "$work/main.a"
}
if build_alone "$@" >"$work/messages" 2>&1; then exit; fi

# The go command writes into its cache.
[ ! -d "$warm/cache" ] || cp -rs "$warm/cache" "$GOCACHE"
cd "$module"
exec "$go" build -ldflags '-s -w' -o "$product/program" "$@"
