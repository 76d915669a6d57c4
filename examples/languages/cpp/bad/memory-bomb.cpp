// Takes 16 MiB after 16 MiB and writes on all of it; an uncaught std::bad_alloc ends it where memory is refused.
#include <string>
#include <vector>

int main() {
    std::vector<std::string> blocks;
    while (true) {
        blocks.emplace_back(16 << 20, 'x');
    }
}
