import unittest

from testing.compiled import CompilerTest
from testing.failing import FailingSteps
from testing.manifest import Language


class FailingStepsTest(FailingSteps, CompilerTest):
    language = Language("rust")

    def test_warm_files_of_which_a_step_failed_are_none(self):
        for tool in ("nm", "sed", "sort", "cmp"):
            with self.subTest(tool=tool):
                self.assertEqual((self.warm_with(tool, None), self.warm_with(tool, 2)), (0, 2))


if __name__ == "__main__":
    unittest.main()
