// Forks without end, and no child ends; an uncaught std::system_error ends it when the kernel refuses one.
#include <cerrno>
#include <system_error>
#include <unistd.h>

int main() {
    while (true) {
        const pid_t child = fork();
        if (child < 0) {
            throw std::system_error(errno, std::generic_category(), "fork");
        }
        while (child == 0) {
            pause();
        }
    }
}
