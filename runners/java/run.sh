#!/bin/sh
# run.sh JAVA ARGUMENT...: runs the class that compile.sh found. Resources and libraries are in the working directory.
set -eu
runner=${0%/*}
# shellcheck source=SCRIPTDIR/options.sh
. "$runner/options.sh"

product=${GLOVEBOX_PRODUCT:-/glovebox/product}
java=$1
shift
read -r main <"$product/main"
# The JVM would leave a file about fonts in the user's home, which is the workspace: not where it cannot write.
[ ! -e "$product/draws" ] || { mkdir -p .java && mkdir -m 555 .java/fonts; } 2>/dev/null || true
# Classes that were compiled with features to come are loaded with this option alone.
[ ! -e "$product/preview" ] || program_options="$program_options --enable-preview"
# shellcheck disable=SC2086  # options are words
exec "$java" $program_options -cp "$product/classes:$PWD:$PWD/*" "$main" "$@"
