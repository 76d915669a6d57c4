from testing.commands import CommandTest
from testing.manifest import Language


class RunnerTest(CommandTest):
    language = Language("lua")
    plain = ["{lua}"]
