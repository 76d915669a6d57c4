// A syntax error: line 5 closes a bracket that was never opened.
#include <stdio.h>

int main(void) {
    printf("%d\n", 3 + 5));
    return 0;
}
