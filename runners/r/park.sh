#!/bin/sh
# Starts R on a program that is not there yet. Called as: park.sh R WARM, where WARM is the folder that warm.R filled.
#
# Rscript makes R's console read its input from the file of the program. Here that file has one expression at first,
# which prepares everything and waits for the task; then the program is appended, and the console reads on. So it is R's
# own console that runs the program: what it prints, how it warns, how it fails is Rscript's by construction.
set -eu
home=$(cd "$(dirname "$0")" && pwd)
job=${GLOVEBOX_JOB:-/glovebox}
console=$job/console.R
cat >"$console" <<END
base::invisible(base::eval(base::parse('$home/main.R', keep.source = FALSE), base::list2env(
  list(home = '$home', warm = '$2', job = '$job'), parent = base::baseenv())))
END
exec "$1" --no-echo --no-restore --file="$console"
