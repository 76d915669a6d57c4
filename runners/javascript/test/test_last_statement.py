"""What the runner adds to a program for the value of its last statement is nowhere to be seen."""
import json
import re
from concurrent.futures import ThreadPoolExecutor

from testing.interpreters import Programs

from .harness import RunnerTest
from .last_statements import in_modules, in_scripts
from .test_as_node import NodePrograms, outcome

FRAME = re.compile(r"^ {4}at .*?\(?(?:file://)?/W/main\.js:(\d+):\d+\)?$", re.MULTILINE)
SYNTAX_ERROR = re.compile(r"(?:file://)?/W/main\.js:(\d+)\n.*\n.*\n\nSyntaxError: ")


def line_in(stderr):
    """That of the innermost frame, or of a syntax error."""
    place = FRAME.search(stderr) or SYNTAX_ERROR.match(stderr)
    return place and int(place[1])


class LastStatementTest(RunnerTest):
    def run_both(self, code):
        plain, run = NodePrograms(), NodePrograms()
        for programs in (plain, run):
            programs.make_folders(self.addCleanup)
        expected = outcome(Programs.run_plain(plain, code), plain.workspace)
        result = Programs.run_program(run, code)
        return code, expected, outcome(result, run.workspace), result

    def assert_like_node(self, programs):
        with ThreadPoolExecutor(2) as pool:
            for code, expected, found, result in pool.map(self.run_both, programs):
                with self.subTest(code):
                    self.assertEqual(found, expected)
                    self.assertNotIn("__glovebox__", json.dumps(result.messages))
                    error, line = result.error, line_in(expected["stderr"])
                    self.assertEqual(error["line"], line)
                    if line is not None:
                        self.assertEqual(error["frames"][-1]["source"], code.split("\n")[line - 1].strip()[:1000])

    def test_a_script_whose_last_statement_fails_prints_what_plain_node_prints(self):
        self.assert_like_node(in_scripts())

    def test_a_module_whose_last_statement_fails_prints_what_plain_node_prints(self):
        self.assert_like_node(in_modules())

    def test_stacks_in_the_program_have_the_columns_of_its_text(self):
        programs = {
            "main.js": "let stack = (f) => { try { f() } catch (e) { return e.stack } }; "
            "console.log(stack(() => null.x), eval('new Error(1).stack'))",
            "main.mjs": "setTimeout(() => console.log(new Error('e').stack), 1); console.log(new Error('f').stack)",
        }
        for entry, code in programs.items():
            with self.subTest(entry):
                expected, found = (
                    outcome(way(files={entry: code}, entry=entry), self.workspace)
                    for way in (self.run_plain, self.run_program)
                )
                self.assertEqual(found, expected)

    def test_a_handler_of_errors_that_fails_is_shown_with_its_line(self):
        code = "process.on('uncaughtException', () => new Array(-1)), nope()"
        expected, found = (outcome(way(code), self.workspace) for way in (self.run_plain, self.run_program))
        self.assertEqual(found, expected)
