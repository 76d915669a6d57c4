// What a program is given and what it leaves: arguments, environment, folder, input, two outputs, exit status.
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>
#include <thread>

int main(int count, char **words) {
    std::string line;
    std::getline(std::cin, line);
    for (int i = 1; i < count; i++) {
        std::cout << (i == 1 ? "" : "|") << words[i];
    }
    std::cout << "\n" << std::getenv("GREETING") << "\n" << std::filesystem::current_path().string() << "\n" << line << std::endl;
    std::cerr << "to stderr\n";
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    std::cout << "end\n";
    return 7;
}
