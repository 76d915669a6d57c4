from testing.commands import CommandTest
from testing.manifest import Language


class RunnerTest(CommandTest):
    language = Language("perl")
    plain = ["{perl}"]

    def error_of(self, code, **given):
        """The error that the program sends, without the text that Perl prints."""
        result = self.run_program(code, **given)
        (message,) = result.of_type("error")
        error = {**message["error"], "message": self.as_workspace(message["error"]["message"].encode())}
        del error["traceback"]
        return error
