# shellcheck shell=sh disable=SC2034
# The options of the JVM, as words.

# The heap is what the JVM itself leaves of the memory limit: its code, classes, stacks and bookkeeping take 20 to
# 60 MB in most programs, and more with a larger heap.
heap=$((${GLOVEBOX_MEMORY_BYTES:-536870912} * 3 / 4 / 1048576 - 32))
[ "$heap" -ge 16 ] || heap=16
options="-Xmx${heap}m -XX:-UsePerfData"

# G1 starts 19 ms sooner than the serial collector, because it alone can map the archived heap. As many threads as
# two processors would get, however many the host has: they count for the limit of processes.
program_options="$options -XX:+UseG1GC -XX:ParallelGCThreads=2 -XX:ConcGCThreads=1"

# The compiler is over before better machine code would pay.
compiler_options="$options -XX:+UseSerialGC -XX:TieredStopAtLevel=1"
