#include "twice.hpp"

int twice(int number) {
    return 2 * number;
}
