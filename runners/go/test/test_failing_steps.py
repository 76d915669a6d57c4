import unittest

from testing.compiled import CompilerTest
from testing.failing import FailingSteps
from testing.manifest import Language

# What the go command alone knows of a program is not there in one that is compiled without it.
BUILD_INFO = """package main

import "runtime/debug"

func main() {
	info, known := debug.ReadBuildInfo()
	println(known && len(info.Settings) > 0)
}
"""
LIBRARY = "package lib\n\nfunc F() {}\n"


class FailingStepsTest(FailingSteps, CompilerTest):
    language = Language("go")

    def test_a_source_that_cannot_be_searched_is_left_to_the_go_command(self):
        for status in (None, 2):
            self.assertEqual(self.compile_with("grep", status, BUILD_INFO).status, 0)
            self.assertEqual(self.run_product().stderr, "true\n")

    def test_a_library_is_no_program_though_nobody_can_tell(self):
        self.assertIn("is not a main package", self.compile_with("head", None, LIBRARY).stderr)
        self.assertEqual(self.compile_with("head", 2, LIBRARY).status, 2)

    def test_warm_files_of_which_a_step_failed_are_none(self):
        self.assertEqual(self.warm_with("sort", 2), 2)


if __name__ == "__main__":
    unittest.main()
