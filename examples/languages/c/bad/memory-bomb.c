// Takes 16 MiB after 16 MiB and writes on all of it; it exits with a message where memory is refused.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void) {
    const size_t size = 16 << 20;
    // Each block holds the address of the one before, so that no compiler leaves one out.
    char *volatile last = NULL;
    for (;;) {
        char *block = malloc(size);
        if (block == NULL) {
            perror("malloc");
            return 1;
        }
        memset(block, 'x', size);
        *(char **)block = last;
        last = block;
    }
}
