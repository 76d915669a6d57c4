// Reads the file of the request's parameters and data, and adds lines of JSON to the file of results.
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <numeric>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

// A stream of what follows a field's name and colon. Enough for data of a known shape; it is no parser of JSON.
std::istringstream field(const std::string& text, const std::string& name) {
    const auto found = text.find('"' + name + '"');
    if (found == std::string::npos) {
        throw std::invalid_argument("there is no field " + name);
    }
    return std::istringstream(text.substr(text.find(':', found) + 1));
}

int main() {
    std::ostringstream input;
    input << std::ifstream(std::getenv("GLOVEBOX_INPUT")).rdbuf();

    long factor = 0;
    field(input.str(), "factor") >> factor;

    std::string station;
    auto quoted = field(input.str(), "station");
    std::getline(quoted, station, '"');
    std::getline(quoted, station, '"');

    std::vector<long> scaled;
    auto readings = field(input.str(), "readings");
    char separator = ' ';
    for (long reading = 0; readings >> separator && separator != ']' && readings >> reading;) {
        scaled.push_back(factor * reading);
    }

    const auto total = std::accumulate(scaled.begin(), scaled.end(), 0L);
    std::cout << station << ": " << total << '\n';

    std::ofstream results(std::getenv("GLOVEBOX_RESULTS"), std::ios::app);
    results << R"({"name": "station", "value": ")" << station << "\"}\n"
            << R"({"name": "total", "value": )" << total << "}\n"
            << R"({"name": "largest", "value": )" << *std::ranges::max_element(scaled) << "}\n";
}
