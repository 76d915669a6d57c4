// Calls itself without end, and no compiler can make a loop of it; the stack overflows, and the kernel sends SIGSEGV.
#include <stdio.h>

static unsigned long depth(unsigned long level) {
    // Read where it lies in the frame of this call, so that every call needs a frame of its own.
    volatile unsigned long own = level;
    return depth(level + 1) + own;
}

int main(void) {
    printf("%lu\n", depth(1));
    return 0;
}
