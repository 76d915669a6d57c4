"""Uncaught exceptions: the text on stderr and the error message."""

from .harness import RunnerTest


class ErrorsTest(RunnerTest):
    def test_an_uncaught_exception_is_printed_as_ruby_does_and_sent(self):
        code = "def half(n)\n  raise ArgumentError, 'odd' if n.odd?\nend\n[3].each do |n|\n  half(n)\nend\n"
        result = self.assert_like_plain(code)
        text = (
            "main.rb:2:in `half': odd (ArgumentError)\n\tfrom main.rb:5:in `block in <main>'\n"
            "\tfrom main.rb:4:in `each'\n\tfrom main.rb:4:in `<main>'\n"
        )
        self.assertEqual((result.stderr, result.status), (text, 1))
        self.assertEqual(
            result.error,
            {
                "type": "ArgumentError",
                "message": "odd",
                "traceback": text,
                "line": 2,
                "frames": [
                    {"file": "main.rb", "line": 4, "function": "<main>", "source": "[3].each do |n|"},
                    {"file": "main.rb", "line": 4, "function": "each", "source": "[3].each do |n|"},
                    {"file": "main.rb", "line": 5, "function": "block in <main>", "source": "half(n)"},
                    {
                        "file": "main.rb",
                        "line": 2,
                        "function": "half",
                        "source": "raise ArgumentError, 'odd' if n.odd?",
                    },
                ],
            },
        )

    def test_snippets_and_suggestions_are_printed_and_not_in_the_message(self):
        result = self.assert_like_plain("# first\nvalues = [1]\nvalues.frist + 1\n")
        self.assertIn("values.frist + 1\n      ^^^^^^\nDid you mean?  first", result.stderr)
        self.assertEqual(result.error["message"], "undefined method `frist' for [1]:Array")

    def test_the_place_inside_the_last_statement_is_marked(self):
        result = self.assert_like_plain("x = 5\nputs [x,\n  x].map { |n| n.fooo }, nil\n")
        self.assertIn("  x].map { |n| n.fooo }, nil\n                ^^^^^", result.stderr)

    def test_rescued_backtraces_hold_no_frame_of_the_runner(self):
        self.assert_like_plain(
            "def f = raise('x')\nbegin\n  f\nrescue => e\n  puts e.backtrace, e.full_message, caller(0)\nend\n"
        )

    def test_causes_are_printed(self):
        result = self.assert_like_plain("begin\n  Integer('x')\nrescue ArgumentError\n  raise IOError, 'failed'\nend\n")
        self.assertEqual((result.error["type"], result.error["line"]), ("IOError", 4))

    def test_an_error_in_a_file_beside_the_program_points_there(self):
        self.write("lib/a.rb", "def a\n  {}.fetch(:x)\nend\n")
        result = self.assert_like_plain("require_relative 'lib/a'\nrequire 'json'\nJSON.parse('[1]')\na\n")
        self.assertEqual([frame["file"] for frame in result.error["frames"]], ["main.rb", "lib/a.rb", "lib/a.rb"])
        self.assertEqual((result.error["type"], result.error["line"]), ("KeyError", 2))

    def test_a_syntax_error_is_printed_and_sent_with_its_line(self):
        result = self.assert_like_plain("x = 1\ndef f\n  puts [1\nend\n")
        self.assertEqual((result.error["type"], result.error["line"]), ("SyntaxError", 4))
        self.assertEqual(
            result.error["frames"], [{"file": "main.rb", "line": 4, "function": "<main>", "source": "end"}]
        )
        self.assertEqual(result.error["message"], "syntax error, unexpected `end', expecting ']'")

    def test_a_syntax_error_is_told_without_the_snippets_that_are_printed(self):
        result = self.assert_like_plain("x = 1\ny = 1 +* 2)\n")
        self.assertIn("\ny = 1 +* 2)\n       ^\n", result.stderr)
        self.assertEqual(result.error["message"], "syntax error, unexpected *")
        result = self.assert_like_plain("@1 = 3\n")
        self.assertEqual(
            result.error["message"],
            "`@1' is not allowed as an instance variable name\n"
            "main.rb:1: syntax error, unexpected integer literal, expecting end-of-input",
        )
        self.assertEqual(result.error["traceback"], result.stderr)
        error = self.run_program("raise SyntaxError, \"mine\\nsecond\\nthird\"").error
        self.assertEqual((error["message"], error["line"]), ("mine\nsecond\nthird", 1))

    def test_a_mistake_that_only_the_compiler_finds_has_its_line(self):
        result = self.assert_like_plain("x = 1\nbreak\n")
        self.assertEqual((result.error["message"], result.error["line"]), ("Invalid break", 2))

    def test_a_syntax_error_in_a_file_beside_the_program_points_there(self):
        self.write("lib/bad.rb", "def f(n)\n  n\nend\ny = 1 +* 2\n")
        frames = [
            {"file": "main.rb", "line": 2, "function": "<main>", "source": "require_relative 'lib/bad'"},
            {"file": "main.rb", "line": 2, "function": "require_relative", "source": "require_relative 'lib/bad'"},
            {"file": "lib/bad.rb", "line": 4, "function": "<top (required)>", "source": "y = 1 +* 2"},
        ]
        result = self.assert_like_plain("\nrequire_relative 'lib/bad'\n")
        self.assertEqual((result.error["type"], result.error["line"]), ("SyntaxError", 4))
        self.assertEqual((result.error["message"], result.error["frames"]), ("syntax error, unexpected *", frames))
        error = self.run_program("\nload 'lib/bad.rb'\n").error
        self.assertEqual((error["line"], error["frames"][-1]), (4, frames[-1]))

    def test_a_syntax_error_in_text_that_no_file_has_is_where_the_text_is_used(self):
        error = self.run_program("x = 1\neval('1 +* 2')\n").error
        self.assertEqual((error["message"], error["line"]), ("syntax error, unexpected *", 2))
        self.assertEqual([frame["function"] for frame in error["frames"]], ["<main>", "eval"])

    def test_a_warning_of_the_parser_is_printed_once(self):
        result = self.assert_like_plain("x = {a: 1, a: 2}\nputs x if x = 5\n")
        self.assertEqual(result.stderr.count("duplicated"), 1)

    def test_deep_recursion_is_an_error_with_a_bounded_report(self):
        result = self.run_program("def f(n) = f(n + 1) + 1\nf(0)\n")
        self.assertEqual((result.status, result.error["type"], result.error["line"]), (1, "SystemStackError", 1))
        self.assertEqual(len(result.error["frames"]), 100)
        self.assertIn(" levels...\n", result.error["traceback"])

    def test_a_deadlock_an_uncaught_throw_and_an_own_class_are_errors(self):
        self.assertEqual(self.assert_like_plain("throw :x").error["type"], "UncaughtThrowError")
        self.assertEqual(self.run_program("Queue.new.pop").error["type"], "fatal")
        result = self.assert_like_plain("module Shop\n  class Closed < StandardError; end\nend\nraise Shop::Closed\n")
        self.assertEqual((result.error["type"], result.error["message"]), ("Shop::Closed", "Shop::Closed"))

    def test_hostile_exceptions_are_errors(self):
        code = (
            "class E < StandardError\n  def message = raise('m')\n  def backtrace = 5\n"
            "  def full_message(*) = exit(9)\nend\nraise E\n"
        )
        result = self.run_program(code)
        self.assertEqual((result.status, result.error["type"], result.error["frames"]), (1, "E", []))
        self.assertEqual(result.error["message"], "<message failed: RuntimeError: m>")

    def test_errors_that_are_not_utf_8_are_sent(self):
        result = self.run_program('raise "caf\\xE9 \\u0001"')
        self.assertEqual(result.error["message"], "caf\ufffd \x01")

    def test_mistakes_in_calls_of_helpers_point_at_the_call(self):
        result = self.run_program("x = 1\nreport_progress('half')\n")
        self.assertEqual(
            result.stderr,
            "main.rb:2:in `report_progress': report_progress: fraction must be a number, not String (TypeError)\n"
            "\tfrom main.rb:2:in `<main>'\n",
        )
        self.assertEqual([frame["function"] for frame in result.error["frames"]], ["<main>", "report_progress"])

    def test_a_wrong_number_of_arguments_points_at_the_call(self):
        result = self.run_program("save_file('a')")
        self.assertEqual(
            result.stderr,
            "main.rb:1:in `save_file': wrong number of arguments (given 1, expected 2) (ArgumentError)\n"
            "\tfrom main.rb:1:in `<main>'\n",
        )

    def test_an_error_inside_what_a_helper_calls_keeps_its_place(self):
        result = self.run_program("class A\n  def to_json(*) = raise('no')\nend\nsave_file('a.json', [A.new])\n")
        self.assertNotIn("/runners/", result.stderr)
        self.assertEqual([frame["line"] for frame in result.error["frames"]], [4, 4, 2])

    def test_the_error_of_a_forked_child_is_its_own(self):
        result = self.run_program("fork { raise 'child' }\nProcess.wait\nputs $?.exitstatus\n[1]")
        self.assertEqual((result.stdout, result.of_type("error"), result.value), ("1\n", [], [1]))
