// Prints without end.
#include <iostream>
#include <string>

int main() {
    const std::string line(79, 'x');
    while (true) {
        std::cout << line << '\n';
    }
}
