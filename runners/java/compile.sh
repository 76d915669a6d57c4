#!/bin/sh
# compile.sh JAVA ENTRY OPTION...: see driver/Compile.java.
set -eu
runner=${0%/*}
# shellcheck source=SCRIPTDIR/options.sh
. "$runner/options.sh"

java=$1
entry=$2
shift 2
product=${GLOVEBOX_PRODUCT:-/glovebox/product}
warm=${GLOVEBOX_WARM:-/glovebox-warm}

# The driver as a source file works too, and takes two seconds more.
if [ -f "$warm/compiler.jsa" ]; then
  driver="-XX:SharedArchiveFile=$warm/compiler.jsa -Xlog:disable -cp $warm/driver Compile"
else
  driver=$runner/driver/Compile.java
fi
# shellcheck disable=SC2086  # options are words
exec "$java" $compiler_options $driver "$product" "$entry" "$@"
