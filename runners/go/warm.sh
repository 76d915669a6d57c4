#!/bin/sh
# warm.sh GO: compiles the standard library ahead of time.
#
# importcfg     where the compiler finds each package that a program may import
# importcfg.all where the linker finds all packages
# tools         the folder of the compiler and the linker
# cache         the packages that the toolchain does not bring compiled, as the go command's cache has them; what else
#               it has are many small files that take longer to place than they save
set -eu

go=$1
product=${GLOVEBOX_PRODUCT:-/glovebox/product}
warm=${GLOVEBOX_WARM:-/glovebox-warm}
export GOCACHE="$product/cache" GOPATH="${TMPDIR:-/tmp}/go" CGO_ENABLED=0 GOENV=off GOPROXY=off GOTOOLCHAIN=local

list=${TMPDIR:-/tmp}/packages
"$go" list -export -f '{{if .Export}}packagefile {{.ImportPath}}={{.Export}}{{end}}' std >"$list"
"$go" env GOTOOLDIR >"$product/tools"

sed "s|=$GOCACHE/|=$warm/cache/|" "$list" >"$product/importcfg.all"
grep -v -e '^packagefile internal/' -e '/internal/' -e '/internal=' -e '^packagefile vendor/' \
  "$product/importcfg.all" >"$product/importcfg"

# An output is HASH-d; HASH-a files name the output of an action. What an action printed is mostly the empty output.
# Each step is a command of its own: of a pipeline only the last one's failure would be seen.
cd "$GOCACHE"
sed -n "s|.*=$GOCACHE/|./|p" "$list" >"$list.outputs"
find . -name '*-d' -size 0 >>"$list.outputs"
sed 's|.*/||; s|-d$||' "$list.outputs" >"$list.hashes"
grep -rlFf "$list.hashes" --include='*-a' . >"$list.actions" || [ $? -eq 1 ] # which is none
sort "$list.outputs" "$list.actions" >"$list.kept"
find . -type f >"$list.found"
sort "$list.found" >"$list.there"
comm -23 "$list.there" "$list.kept" >"$list.needless"
xargs -r rm <"$list.needless"
find . -type d -empty -delete
