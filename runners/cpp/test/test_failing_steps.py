import unittest

from testing.compiled import CompilerTest
from testing.failing import FailingSteps
from testing.manifest import Language

# Without its second file this is another program.
FILES = {
    "main.cpp": """#include <bits/stdc++.h>
__attribute__((weak)) int allowed() { return 1; }
int main() { std::cout << allowed() << std::endl; }
""",
    "policy.cc": "int allowed() { return 0; }\n",
}


class FailingStepsTest(FailingSteps, CompilerTest):
    language = Language("cpp")

    def test_a_step_that_fails_does_not_leave_files_out_of_the_program(self):
        self.assert_all_count(["find", "sed", "grep", "sort", "gzip", "cp"], FILES, "0\n")

    def test_a_program_of_one_file_takes_no_such_step(self):
        name = self.language.main_file
        self.compile({name: FILES[name].replace("1;", "2;")})
        self.assertEqual(self.run_product().stdout, "2\n")


if __name__ == "__main__":
    unittest.main()
