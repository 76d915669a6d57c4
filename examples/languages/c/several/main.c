// A program of several files: the other one holds a function that this one calls.
#include <stdio.h>

#include "tools/twice.h"

int main(void) {
    printf("twice 21 is %d\n", twice(21));
}
