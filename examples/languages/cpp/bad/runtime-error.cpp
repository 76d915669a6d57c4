// An uncaught exception in a function that main calls; the program aborts.
#include <iostream>
#include <vector>

int first(const std::vector<int>& readings) {
    return readings.at(0);
}

int main() {
    std::cout << first({}) << '\n';
}
