// A program of several files: the other one holds a function that this one calls.
#include <iostream>

#include "tools/twice.hpp"

int main() {
    std::cout << "twice 21 is " << twice(21) << "\n";
}
