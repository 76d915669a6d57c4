#!/bin/sh
# warm.sh JAVA: compiles the driver of the compiler, and archives the compiler's classes as the JVM has them after
# loading, which spares it two thirds of its start.
set -eu
runner=${0%/*}
# shellcheck source=SCRIPTDIR/options.sh
. "$runner/options.sh"

java=$1
product=${GLOVEBOX_PRODUCT:-/glovebox/product}
work=${TMPDIR:-/tmp}/warm

# run OPTION...: a JVM like that of compile.sh
run() {
  # shellcheck disable=SC2086  # options are words
  "$java" $compiler_options "$@"
}

# list_classes SAMPLE STATUS: adds the classes that the compiler loads for a sample, on which it exits so, to the list.
list_classes() {
  mkdir "$work/$1" "$work/$1/product"
  cp "$runner/samples/$1.java" "$work/$1"
  cd "$work/$1"
  status=0
  run -XX:DumpLoadedClassList="$work/$1/list" -cp "$product/driver" Compile "$work/$1/product" "$work/$1/$1.java" ||
    status=$?
  [ "$status" -eq "$2" ]
  cat "$work/$1/list" >>"$work/list"
}

mkdir -p "$work"
run -m jdk.compiler/com.sun.tools.javac.Main -d "$product/driver" "$runner/driver/Compile.java"
list_classes Sample 0
list_classes Mistakes 1 2>"$work/mistakes"
# Newer JVMs number the classes of a list.
sed 's/ id: [0-9]*$//' "$work/list" >"$work/unnumbered"
awk '!seen[$0]++' "$work/unnumbered" >"$work/classes"
run -Xshare:dump -XX:SharedClassListFile="$work/classes" -XX:SharedArchiveFile="$product/compiler.jsa" \
  >"$work/dump" 2>&1
