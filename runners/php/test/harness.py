from testing.commands import CommandTest
from testing.manifest import Language


class RunnerTest(CommandTest):
    language = Language("php")
    plain = ["{php}", "-d", "display_errors=0", "-d", "log_errors=1"]

    def error_of(self, code, **given):
        """The error that the program sends, without the text that PHP prints."""
        result = self.run_program(code, **given)
        (message,) = result.of_type("error")
        error = {**message["error"], "message": self.as_workspace(message["error"]["message"].encode())}
        self.assertTrue(error.pop("traceback").startswith("PHP "))
        return error
