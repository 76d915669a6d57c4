from testing.interpreters import InterpreterTest
from testing.manifest import Language


class RunnerTest(InterpreterTest):
    language = Language("ruby")
    plain = ["{ruby}", "{file}", "{args}"]
