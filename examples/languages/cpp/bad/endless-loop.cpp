// Uses CPU time and never ends.
int main() {
    volatile unsigned long count = 0;
    while (true) {
        count = count + 1;
    }
}
