"""What programs can use: parameters, files, results, progress, context."""
import json

from .harness import RunnerTest


class LibraryTest(RunnerTest):
    def test_the_given_things_are_globals(self):
        result = self.run_program(
            "[parameters, input_data, data is input_data, uploaded_files, workspace, job_id]",
            parameters={"k": 1}, data=[1, {"a": None}], uploadedFiles=["a.csv"], jobId="job-7",
        )
        self.assertEqual(result.value, [{"k": 1}, [1, {"a": None}], True, ["a.csv"], self.workspace, "job-7"])

    def test_the_context_is_readable_both_ways_and_read_only(self):
        code = (
            "def fails(f):\n    try: f()\n    except Exception as e: return type(e).__name__ + ': ' + str(e)\n"
            "def item(): context['cycle'] = 1\ndef attribute(): context.cycle = 1\n"
            "[context.execution_id, context['session'], context.cycle, context.metadata, context.capabilities, context.job_id,"
            " fails(item), fails(attribute), fails(lambda: context.nothing)]"
        )
        result = self.run_program(code, context={"executionId": "e-1", "session": "s", "metadata": {"fooBar": 1}})
        self.assertEqual(
            result.value,
            ["e-1", "s", None, {"fooBar": 1}, [], "job-1",
             "TypeError: 'Context' object does not support item assignment",
             "AttributeError: context is read-only",
             "AttributeError: context has no 'nothing'; it has execution_id, session, cycle, metadata, capabilities, job_id"],
        )

    def test_the_program_may_overwrite_every_name(self):
        self.assertEqual(self.run_program("data = 1\ndisplay = 2\n[data, display]").value, [1, 2])

    def test_modules_of_the_program_import_glovebox(self):
        self.write("helper.py", "import glovebox\nfrom glovebox import save_result\nsave_result('a', glovebox.parameters)")
        result = self.run_program("import helper", parameters={"x": 1})
        self.assertEqual(result.messages, [{"type": "result", "name": "a", "value": {"x": 1}}])

    def test_save_result_sends_a_named_result(self):
        result = self.run_program("save_result('mean', 2.5)\nsave_result({'a': {1}})")
        self.assertEqual(result.messages[0], {"type": "result", "name": "mean", "value": 2.5})
        self.assertEqual((result.messages[1]["name"], result.messages[1]["value"]["a"]["$type"]), ("result", "builtins.set"))

    def test_save_result_refuses_bad_names(self):
        for name in ("5", "''", "'a\\nb'", "'x' * 201"):
            error = self.run_program(f"save_result({name}, 1)").error
            self.assertIn("save_result: name must ", error["message"])

    def test_a_result_too_large_is_described_with_a_warning(self):
        result = self.run_program("save_result('big', 'x' * 9_000_000)")
        self.assertEqual(result.messages[0]["value"]["length"], 9_000_000)
        self.assertEqual(result.warnings, ["result 'big' is too large for one message; only a description of it was kept"])

    def test_progress_is_a_fraction_or_a_percentage(self):
        result = self.run_program("for x in (0, 0.5, 1, 50, 100, None): report_progress(x)\nreport_progress(1, 'done')")
        self.assertEqual([m["fraction"] for m in result.messages], [0, 0.5, 1, 0.5, 1, None, 1])
        self.assertEqual(result.messages[-1], {"type": "progress", "fraction": 1, "message": "done"})

    def test_progress_refuses_what_is_no_fraction(self):
        for given in ("-0.1", "101", "float('nan')", "'a'", "True", "[]"):
            self.assertIn("report_progress: fraction must be ", self.run_program(f"report_progress({given})").error["message"])

    def test_load_file_reads_by_extension(self):
        self.write("a.json", '{"x": [1]}')
        self.write("b.jsonl", '{"x": 1}\n\n{"x": 2}\n')
        self.write("c.txt", "text\xe9")
        self.write("d/e.md", "# head")
        code = "from pathlib import Path\n[load_file('a.json'), load_file('b.jsonl'), load_file('c.txt'), load_file(Path('d') / 'e.md')]"
        self.assertEqual(self.run_program(code).value, [{"x": [1]}, [{"x": 1}, {"x": 2}], "text\xe9", "# head"])

    def test_load_file_names_the_file_whose_json_is_broken(self):
        self.write("a.json", '{"x":\n 1,}')
        self.write("b.jsonl", '1\n\n{"x"\n')
        where = f"load_file: {self.workspace}/"
        for name, message in (
            ("a.json", "a.json: Expecting property name enclosed in double quotes: line 2 column 4 (char 9)"),
            ("b.jsonl", "b.jsonl, line 3: Expecting ':' delimiter: line 2 column 1 (char 5)"),
        ):
            error = self.run_program(f"load_file({name!r})").error
            self.assertEqual((error["type"], error["message"]), ("json.decoder.JSONDecodeError", where + message))

    def test_load_file_reads_csv_as_dicts_without_pandas(self):
        self.write("a.csv", "x,y\n1,b\n")
        self.write("a.tsv", "x\ty\n1\tb\n")
        code = "import sys\nsys.modules['pandas'] = None\n[load_file('a.csv'), load_file('a.tsv')]"
        self.assertEqual(self.run_program(code).value, [[{"x": "1", "y": "b"}], [{"x": "1", "y": "b"}]])

    def test_load_file_says_what_is_missing(self):
        self.write("a.parquet", b"PAR1")
        self.write("b.xlsx", b"PK")
        code = "import sys\nsys.modules.update(pandas=None)\nload_file('b.xlsx')"
        self.assertEqual(
            self.run_program(code).error["message"],
            "load_file: reading .xlsx needs pandas, which is not installed; "
            "the operator of this host installs it with: apt-get install python3-pandas",
        )
        self.assertEqual(
            self.run_program("load_file('none.txt')").error["message"],
            f"load_file: there is no file '{self.workspace}/none.txt'",
        )
        self.assertEqual(
            self.run_program("load_file(5)").error["message"], "load_file: name must be a str or a path, not int"
        )

    def test_save_file_writes_by_content(self):
        code = (
            "paths = [save_file('a/b/c.txt', 'text'), save_file('d.bin', b'\\x00\\x01'),"
            " save_file('e.json', {'x': [1]}), save_file('f.jsonl', [{'x': 1}, 2])]\npaths"
        )
        base = self.workspace
        self.assertEqual(self.run_program(code).value, [f"{base}/a/b/c.txt", f"{base}/d.bin", f"{base}/e.json", f"{base}/f.jsonl"])
        self.assertEqual((self.read("a/b/c.txt"), self.read("d.bin")), ("text", "\0\1"))
        self.assertEqual((json.loads(self.read("e.json")), self.read("f.jsonl")), ({"x": [1]}, '{"x": 1}\n2\n'))

    def test_save_file_stays_below_the_workspace(self):
        for name in ("../a", "/etc/x", "a/../../b", "."):
            message = self.run_program(f"save_file({name!r}, 'x')").error["message"]
            self.assertEqual(message, f"save_file: name must stay below the workspace {self.workspace}, not {name!r}")

    def test_save_file_refuses_other_content(self):
        self.assertEqual(
            self.run_program("save_file('a', 5)").error["message"],
            "save_file: content must be str, bytes, a DataFrame, a figure, a dict or a list, not int",
        )

    def test_display_shows_every_form_an_object_has(self):
        code = (
            "class A:\n    def __repr__(self): return 'A'\n    def _repr_html_(self): return '<b>A</b>'\n"
            "    def _repr_png_(self): return b'PNG'\n    def _repr_json_(self): return {'a': 1}\n    def _repr_svg_(self): return None\n"
            "class B(A):\n    def _repr_mimebundle_(self, include=None, exclude=None): return {'text/x': 'x'}, {}\n"
            "display(A(), 'text', 5)\nB()"
        )
        result = self.run_program(code)
        whole = {"text/plain": "A", "text/html": "<b>A</b>", "image/png": "UE5H", "application/json": {"a": 1}}
        self.assertEqual(result.displays, [whole, {"text/plain": "text"}, {"text/plain": "5"}, {**whole, "text/x": "x"}])
        self.assertEqual(result.value, {"$type": "__main__.B", "repr": "A"})

    def test_a_failing_representation_is_left_out_with_a_warning(self):
        code = "class A:\n    def __repr__(self): return 'A'\n    def _repr_html_(self): 1/0\n    def _repr_png_(self): return 5\ndisplay(A)\nA()"
        result = self.run_program(code)
        self.assertEqual(result.displays, [{"text/plain": "<class '__main__.A'>"}, {"text/plain": "A"}])
        self.assertEqual(
            result.warnings,
            ["display: the text/html representation failed: ZeroDivisionError('division by zero')",
             "display: the image/png representation failed: TypeError('it is a int')"],
        )

    def test_a_representation_too_large_is_left_out_with_a_warning(self):
        code = "class A:\n    def __repr__(self): return 'A'\n    def _repr_html_(self): return 'x' * 9_000_000\ndisplay(A())"
        result = self.run_program(code)
        self.assertEqual(result.displays, [{"text/plain": "A"}])
        self.assertEqual(len(result.warnings), 1)
