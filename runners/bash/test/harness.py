from testing.interpreters import InterpreterTest
from testing.manifest import Language


class RunnerTest(InterpreterTest):
    language = Language("bash")
    plain = ["{bash}", "{entry}", "{args}"]

    def park_command(self, warm):
        # In a sandbox the workspace has a fixed place, which the manifest names.
        return [word.replace("/workspace", self.workspace) for word in super().park_command(warm)]
