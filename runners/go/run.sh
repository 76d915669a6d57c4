#!/bin/sh
# run.sh PROGRAM ARGUMENT...: runs a program whose garbage is collected before it meets the memory limit. By itself Go
# lets the heap grow to twice of what is in use.
export GOMEMLIMIT="${GOMEMLIMIT:-$((${GLOVEBOX_MEMORY_BYTES:-536870912} * 9 / 10))}"
exec "$@"
