// Forks without end, and no child ends; it does not notice when the kernel refuses one, and goes on.
#include <unistd.h>

int main(void) {
    for (;;) {
        if (fork() == 0) {
            for (;;) {
                pause();
            }
        }
    }
}
