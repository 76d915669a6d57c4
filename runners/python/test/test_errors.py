"""Uncaught exceptions: the text on stderr and the error message."""
import sys
import unittest

from .harness import RunnerTest


def places(error):
    return [(frame["file"], frame["line"], frame["function"], frame["source"]) for frame in error["frames"]]


class ErrorsTest(RunnerTest):
    def test_an_uncaught_exception_is_printed_as_cpython_does_and_sent(self):
        result = self.run_program("def f(x):\n    raise ValueError(x)\n\nf('no')")
        text = (
            'Traceback (most recent call last):\n  File "main.py", line 4, in <module>\n    f(\'no\')\n'
            '  File "main.py", line 2, in f\n    raise ValueError(x)\nValueError: no\n'
        )
        if sys.version_info >= (3, 13):
            text = text.replace("    f('no')\n", "    f('no')\n    ~^^^^^^\n")
        self.assertEqual((result.stderr, result.status), (text, 1))
        self.assertEqual(
            result.error,
            {
                "type": "ValueError", "message": "no", "traceback": text, "line": 2,
                "frames": [
                    {"file": "main.py", "line": 4, "function": "<module>", "source": "f('no')"},
                    {"file": "main.py", "line": 2, "function": "f", "source": "raise ValueError(x)"},
                ],
            },
        )

    def test_a_syntax_error_points_at_the_line_with_a_caret(self):
        result = self.run_program("a = 1\nb = (2\n")
        self.assertEqual(
            result.stderr, "  File \"main.py\", line 2\n    b = (2\n        ^\nSyntaxError: '(' was never closed\n"
        )
        self.assertEqual((result.status, result.error["line"], result.error["type"]), (1, 2, "SyntaxError"))
        self.assertEqual(result.error["message"], "'(' was never closed")
        self.assertEqual(
            result.error["frames"], [{"file": "main.py", "line": 2, "function": "<module>", "source": "b = (2"}]
        )

    def test_a_syntax_error_in_a_module_ends_with_a_frame_of_its_line(self):
        self.write("lib/u.py", "x = 1\n\ndef f(:\n    pass\n")
        result = self.run_program("import json\nimport lib.u")
        self.assertIn(f'  File "{self.workspace}/lib/u.py", line 3\n    def f(:\n', result.stderr)
        self.assertEqual(places(result.error), [
            ("main.py", 2, "<module>", "import lib.u"), ("lib/u.py", 3, "<module>", "def f(:"),
        ])
        self.assertEqual((result.error["type"], result.error["line"]), ("SyntaxError", 3))

    def test_a_syntax_error_in_text_that_no_file_has_is_where_the_text_is_used(self):
        for code in ("\nexec('a b')", "\nimport ast\nast.literal_eval('1 +')", "\nraise SyntaxError('mine')"):
            error = self.run_program(code).error
            line = code.count("\n") + 1
            self.assertEqual((error["line"], [frame["line"] for frame in error["frames"]]), (line, [line]))

    def test_a_syntax_error_found_after_parsing_shows_its_line_too(self):
        result = self.run_program("x = 1\nreturn x")
        self.assertIn('  File "main.py", line 2\n    return x\n    ^^^^^^^^', result.stderr)
        self.assertEqual(result.error["line"], 2)

    def test_null_bytes_in_the_code_are_the_programs_error(self):
        result = self.run_program("a\0b")
        self.assertEqual((result.status, result.error["frames"]), (1, []))

    def test_an_entry_file_is_named_as_the_caller_did(self):
        self.write("app/tool.py", "import helper\nhelper.f()")
        self.write("app/helper.py", "def f():\n    return {}['x']")
        result = self.run_program(entry="app/tool.py")
        self.assertIn('  File "app/tool.py", line 2, in <module>\n    helper.f()\n', result.stderr)
        self.assertIn(f'  File "{self.workspace}/app/helper.py", line 2, in f\n', result.stderr)
        self.assertEqual((result.error["line"], result.error["type"]), (2, "KeyError"))

    def test_the_line_is_that_of_the_innermost_frame_in_the_programs_files(self):
        self.write("lib/u.py", "import json\n\n\ndef load(text):\n    return json.loads(text)\n")
        result = self.run_program("from lib.u import load\n\nload('{')")
        self.assertIn("/json/decoder.py", result.stderr)
        self.assertEqual(result.error["traceback"], result.stderr)
        self.assertEqual(places(result.error), [
            ("main.py", 3, "<module>", "load('{')"), ("lib/u.py", 5, "load", "return json.loads(text)"),
        ])
        self.assertEqual((result.error["type"], result.error["line"]), ("json.decoder.JSONDecodeError", 5))

    def test_files_are_named_below_the_workspace_however_the_program_names_them(self):
        self.write("u.py", "def f():\n    raise ValueError\n")
        code = "import runpy, os\nf = runpy.run_path('./u.py')['f']\nos.chdir('/')\nf()"
        self.assertEqual(places(self.run_program(code).error), [
            ("main.py", 4, "<module>", "f()"), ("u.py", 2, "f", "raise ValueError"),
        ])
        self.write("app/main.py", "import os\nos.chdir('/')\n1/0")
        self.assertEqual(
            places(self.run_program(entry="./app/main.py").error), [("app/main.py", 3, "<module>", "1/0")]
        )

    def test_source_lines_appear_after_the_program_changed_its_folder(self):
        self.write("tool.py", "import os\nos.chdir('/')\n1/0")
        self.assertIn("    1/0\n", self.run_program(entry="tool.py").stderr)

    def test_chained_exceptions_show_no_frames_of_the_runner(self):
        code = "try:\n    load_file('none.csv')\nexcept Exception as e:\n    raise RuntimeError('failed') from e"
        result = self.run_program(code)
        self.assertNotIn("/runners/", result.stderr)
        self.assertIn("\nThe above exception was the direct cause of the following exception:\n", result.stderr)
        self.assertIn("FileNotFoundError: load_file: there is no file", result.stderr)

    def test_mistakes_in_calls_of_the_library_point_at_the_call(self):
        result = self.run_program("x = 1\nreport_progress('half')")
        self.assertEqual([f["line"] for f in result.error["frames"]], [2])
        self.assertEqual(result.error["message"], "report_progress: fraction must be a number, not str")

    @unittest.skipIf(sys.version_info < (3, 11), "needs Python 3.11")
    def test_notes_and_groups_are_printed(self):
        code = "e = ExceptionGroup('many', [ValueError('a'), TypeError('b')])\ne.add_note('a note')\nraise e"
        stderr = self.run_program(code).stderr
        self.assertIn("ExceptionGroup: many (2 sub-exceptions)\n  | a note\n", stderr)
        self.assertIn("    | ValueError: a\n", stderr)

    def test_suggestions_are_printed(self):
        self.assertIn("Did you mean: 'value'?", self.run_program("value = 1\nvalu").stderr)

    def test_endless_recursion_is_an_error(self):
        result = self.run_program("def f(): f()\nf()")
        self.assertIn("[Previous line repeated ", result.stderr)
        self.assertEqual((result.status, result.error["type"], len(result.error["frames"])), (1, "RecursionError", 100))

    def test_memory_errors_are_errors(self):
        result = self.run_program("import resource\nresource.setrlimit(resource.RLIMIT_AS, (400 << 20, 400 << 20))\nx = []\nwhile True: x.append('x' * (1 << 20) + str(len(x)))")
        self.assertEqual((result.status, result.error["type"], result.error["line"]), (1, "MemoryError", 4))

    def test_an_exception_with_a_raising_str_is_an_error(self):
        code = "class E(Exception):\n    def __str__(self): raise OSError('x')\nraise E"
        result = self.run_program(code)
        self.assertEqual((result.status, result.error["type"]), (1, "E"))
        self.assertEqual(result.error["message"], "<str failed: OSError('x')>")
        self.assertIn("<exception str() failed>", result.stderr)

    def test_hostile_exception_classes_are_errors(self):
        code = (
            "class M(type):\n    @property\n    def __qualname__(self): raise OSError\n"
            "class E(Exception, metaclass=M):\n    __traceback__ = property(lambda s: 1/0)\n    __cause__ = 5\n"
            "    def __getattribute__(self, name): raise RuntimeError(name)\nraise E"
        )
        result = self.run_program(code)
        self.assertEqual(result.status, 1)
        self.assertNotIn("/runners/", result.stderr)

    def test_the_programs_excepthook_is_used(self):
        code = "import sys\nsys.excepthook = lambda t, v, tb: print('hook', t.__name__, tb.tb_lineno)\n1/0"
        result = self.run_program(code)
        self.assertEqual((result.stdout, result.stderr, result.status), ("hook ZeroDivisionError 3\n", "", 1))
        self.assertIn("ZeroDivisionError: division by zero\n", result.error["traceback"])

    def test_a_failing_excepthook_is_reported_with_the_original(self):
        code = "import sys\ndef hook(*a): nothing\nsys.excepthook = hook\n1/0"
        stderr = self.run_program(code).stderr
        self.assertIn("Error in sys.excepthook:\nTraceback", stderr)
        self.assertIn("\nOriginal exception was:\nTraceback", stderr)
        self.assertNotIn("/runners/", stderr)

    def test_a_replaced_stderr_gets_the_traceback(self):
        code = "import sys, io\nsys.stderr = open('log', 'w')\n1/0"
        self.assertEqual(self.run_program(code).stderr, "")
        self.assertIn("ZeroDivisionError", self.read("log"))

    def test_exceptions_in_threads_show_their_source(self):
        result = self.run_program("import threading\ndef f():\n    1/0\nt = threading.Thread(target=f)\nt.start()")
        self.assertIn('  File "main.py", line 3, in f\n    1/0\n', result.stderr)
        self.assertEqual(result.status, 0)

    def test_exceptions_in_finalizers_show_their_source(self):
        code = "class A:\n    def __del__(self):\n        1/0\na = A()\ndel a"
        result = self.run_program(code)
        self.assertIn("    1/0\n", result.stderr)
        self.assertEqual(result.status, 0)

    def test_source_lines_appear_without_anonymous_memory(self):
        code = "import os\ndef refused(*a): raise OSError(38, 'Function not implemented')\nos.memfd_create = refused\n1/0"
        self.assertIn("    1/0\n", self.run_program(code).stderr)

    def test_inspect_and_traceback_know_the_source(self):
        code = "import inspect, traceback\ndef f():\n    return 1\ntry:\n    1/0\nexcept Exception: t = traceback.format_exc()\n[inspect.getsource(f), '    1/0\\n' in t]"
        self.assertEqual(self.run_program(code).value, ["def f():\n    return 1\n", True])

    def test_the_own_exception_of_a_program_is_named_without_main(self):
        self.assertEqual(self.run_program("class E(Exception): pass\nraise E(1)").error["type"], "E")
        self.assertEqual(self.run_program("import json\njson.loads('{')").error["type"], "json.decoder.JSONDecodeError")
