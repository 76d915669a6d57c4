from testing.interpreters import InterpreterTest
from testing.manifest import Language


class RunnerTest(InterpreterTest):
    language = Language("javascript")
    plain = ["{node}", "{entry}", "{args}"]
