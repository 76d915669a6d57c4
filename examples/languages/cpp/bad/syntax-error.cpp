// A syntax error: line 5 has no semicolon.
#include <iostream>

int main() {
    std::cout << 3 + 5
}
