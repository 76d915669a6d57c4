from testing.interpreters import InterpreterTest
from testing.manifest import Language


class RunnerTest(InterpreterTest):
    language = Language("r")
    plain = ["{rscript}", "{file}", "{args}"]

    def environment(self, more=None):
        places = {"TMPDIR": self.temporary, "XDG_CACHE_HOME": f"{self.temporary}/.cache"}
        return super().environment({"OPENBLAS_NUM_THREADS": "1", **places, **(more or {})})
