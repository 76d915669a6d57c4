// Reads through a null pointer in a function that main calls; the kernel ends it with SIGSEGV.
#include <stdio.h>
#include <stdlib.h>

static int limit(const char *variable) {
    return atoi(getenv(variable));
}

int main(void) {
    printf("%d\n", limit("NO_SUCH_VARIABLE"));
    return 0;
}
