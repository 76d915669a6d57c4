"""What happens once, in the nursery."""
from .harness import RunnerTest


class PrepareTest(RunnerTest):
    preload = ("decimal", "no_such_module", "no_such.part")
    needs = ()

    def test_a_module_that_cannot_be_imported_is_a_warning(self):
        self.assertEqual(
            self.prepared["warnings"],
            ["preload of no_such_module failed: ModuleNotFoundError: No module named 'no_such_module'",
             "preload of no_such.part failed: ModuleNotFoundError: No module named 'no_such'"],
        )

    def test_preloaded_modules_are_there_without_an_import_of_their_code(self):
        self.assertEqual(self.run_program("import sys\n'decimal' in sys.modules").value, True)


class ThreadTest(RunnerTest):
    preload = ("python.test.starts_a_thread",)
    needs = ()

    def test_a_thread_left_by_a_preload_is_a_warning(self):
        self.assertEqual(
            self.prepared["warnings"],
            ["threads are left after preloading and will be missing in every run: ['left']"],
        )
