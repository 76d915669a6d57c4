// Uses CPU time and never ends.
int main(void) {
    volatile unsigned long count = 0;
    for (;;) {
        count++;
    }
}
