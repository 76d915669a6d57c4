"""What a Lua program finds beside the language."""
import json

from .harness import RunnerTest


class Inputs(RunnerTest):
    def test_parameters_and_data_are_values_of_lua(self):
        code = """
        print(parameters.factor + 1, math.type(parameters.ratio), parameters.text, parameters.missing)
        print(#input_data, input_data[2] == null, input_data[3].deep[1], tostring(null), input_data[4])"""
        result = self.run_program(
            code,
            parameters={"factor": 2, "ratio": 2.0, "text": "é😀", "missing": None},
            data=[1, None, {"deep": [False]}, True],
        )
        self.assertEqual((result.stdout, result.stderr), ("3\tfloat\té😀\tnil\n4\ttrue\tfalse\tnull\ttrue\n", ""))

    def test_without_data_there_is_none(self):
        self.assertEqual(self.run_program("print(input_data, next(parameters))").stdout, "nil\tnil\n")

    def test_what_came_in_goes_out_as_it_was(self):
        data = {"a": [], "o": {}, "n": [None, 1, -2.5, 1e300], "s": "\u0001\"\\/\u2028\U0001F600", "b": [True, False]}
        self.assertEqual(self.run_program("save_result('x', input_data)", data=data).results, {"x": data})

    def test_half_of_a_surrogate_pair_stands_for_no_character(self):
        text = '{"parameters": {"a": "\\ud83d\\ude00 \\ud800 \\udc00x \\\\ud800"}, "workspace": "/"}'
        result = self.run_program("print(parameters.a)", input_text=text)
        self.assertEqual(result.stdout, "😀 \ufffd \ufffdx \\ud800\n")


class Results(RunnerTest):
    def test_values_that_json_holds_are_results(self):
        code = """
        save_result("total", 58)
        save_result("many", { 1, 2.5, "x", true, { a = { b = "c" } }, {}, 0.1 + 0.2, 58.0 })
        save_result({ "unnamed" })
        save_result("nothing", nil)
        save_result("total", 59)"""
        expected = {
            "total": 59, "many": [1, 2.5, "x", True, {"a": {"b": "c"}}, [], 0.30000000000000004, 58.0],
            "result": ["unnamed"], "nothing": None,
        }
        result = self.run_program(code)
        self.assertEqual((result.stderr, result.results), ("", expected))

    def test_other_values_are_described(self):
        code = """
        local cycle = {} cycle[1] = cycle
        local deep = {} for _ = 1, 100 do deep = { deep } end
        local shown = setmetatable({}, { __name = "Point", __tostring = function() return "(1, 2)" end })
        local broken = setmetatable({}, { __tostring = function() error("no") end })
        save_result("many", { 1 << 60, 1 / 0, print, { [1] = 1, [3] = 3 }, { ["$type"] = 1 }, cycle, shown, broken })
        save_result("deep", deep)
        save_result("text", "a\\xffb")
        save_result("long", setmetatable({}, { __tostring = function() return ("é"):rep(3000) end }))"""
        result = self.run_program(code)
        self.assertEqual(result.stderr, "")
        many = result.results["many"]
        self.assertEqual(many[0], {"$type": "integer", "repr": "1152921504606846976"})
        self.assertEqual(many[1], {"$type": "float", "repr": "inf"})
        self.assertEqual(many[2]["$type"], "function")
        self.assertEqual(sorted(many[3]["items"]), [[1, 1], [3, 3]])
        self.assertEqual((many[4]["$type"], many[4]["items"]), ("table", [["$type", 1]]))
        self.assertEqual(many[5][0]["$type"], "table")
        self.assertEqual(many[6], {"$type": "Point", "repr": "(1, 2)"})
        self.assertRegex(many[7]["repr"], "^<tostring failed: .*no>$")
        self.assertEqual(json.dumps(result.results["deep"]).count("["), 64)
        self.assertEqual(result.results["text"], "a\ufffdb")
        self.assertEqual(result.results["long"]["repr"], "é" * 1997 + "...")

    def test_a_value_too_large_for_a_message_is_described_with_a_warning(self):
        result = self.run_program('save_result("big", ("x"):rep(9000000)) save_result("small", 1)')
        self.assertEqual(result.results["big"], {"$type": "string", "repr": "x" * 1997 + "..."})
        self.assertEqual(result.results["small"], 1)
        self.assertIn("result 'big' is too large", result.warnings[0])

    def test_without_a_pipe_results_go_to_the_file_of_results(self):
        result = self.run_program('report_progress(1) save_result("total", 58) save_result({ 1 })', pipe=False)
        self.assertEqual((result.status, result.stderr), (0, ""))
        with open(self.results_file, encoding="utf-8") as file:
            lines = [json.loads(line) for line in file]
        self.assertEqual(lines, [{"name": "total", "value": 58}, {"name": "result", "value": [1]}])

    def test_progress_is_a_fraction_or_a_percentage_or_unknown(self):
        code = 'report_progress(0.5, "half") report_progress(75) report_progress(nil, "é") report_progress(1)'
        self.assertEqual(self.run_program(code).progress, [(0.5, "half"), (0.75, None), (None, "é"), (1, None)])

    def test_wrong_arguments_are_errors_in_the_programs_line(self):
        cases = {
            "save_result()": "bad argument #1 to 'save_result' (value expected)",
            "save_result({}, 1)": "bad argument #1 to 'save_result' (name must be a string, got table)",
            "save_result('a\\n', 1)": "bad argument #1 to 'save_result' (name must have 1 to 200 printable characters)",
            "report_progress('x')": "bad argument #1 to 'report_progress' (fraction must be a number, got string)",
            "report_progress(101)": "bad argument #1 to 'report_progress' "
            "(fraction must be from 0 to 1, or a percentage up to 100, got 101)",
            "load_file()": "bad argument #1 to 'load_file' (name must be a string, got nil)",
            "load_file('none.csv')": "load_file: /workspace/none.csv: No such file or directory",
            "save_file('a.txt')": "bad argument #2 to 'save_file' "
            "(content must be a string, a number or a table, got nil)",
            "save_file('../a', '')": "bad argument #1 to 'save_file' "
            "(name must stay below the workspace /workspace, got '../a')",
            "save_file('a.csv', {})": "save_file: content must be a string for a file .csv",
            "save_file('a.json', { 0 / 0 })": "save_file: a value of type float cannot be written as JSON",
        }
        for call, message in cases.items():
            with self.subTest(call):
                error = self.run_program(f"local x\n{call}\n").error
                self.assertEqual((error["message"], error["line"]), (message, 2))


class Files(RunnerTest):
    def test_tables_are_rows_by_the_names_of_their_columns(self):
        self.write("a.csv", '\ufeffname,"b ""q""",n\r\nZürich,"two\nlines",3\r\n\r\nshort\nx,y,z,more,"and, more"\n')
        self.write("b.TSV", "a\tb\n1,5\t2")
        code = "save_result('csv', load_file('a.csv')) save_result('tsv', load_file('b.TSV'))"
        result = self.run_program(code)
        rows = [
            {"name": "Zürich", 'b "q"': "two\nlines", "n": "3"},
            {"name": "short"},
            {"name": "x", 'b "q"': "y", "n": "z", "": ["more", "and, more"]},
        ]
        self.assertEqual(result.results, {"csv": rows, "tsv": [{"a": "1,5", "b": "2"}]})

    def test_tables_may_end_anywhere(self):
        self.write("open.csv", 'a,b\r1,"two')
        self.write("empty.csv", "")
        code = "save_result('open', load_file('open.csv')) save_result('empty', load_file('empty.csv'))"
        self.assertEqual(self.run_program(code).results, {"open": [{"a": "1", "b": "two"}], "empty": []})

    def test_json_is_values_and_everything_else_is_text(self):
        self.write("a.json", '{"a": [1, {"b": null}]}')
        self.write("a.jsonl", '{"a": 1}\r\n\n[2]\n')
        self.write("a.txt", b"\xff\x00text\r\n")
        code = """
        save_result("json", load_file("a.json"))
        save_result("lines", load_file(parameters.folder .. "/a.jsonl"))
        save_result("text", { load_file("a.txt"):byte(1, -1) })"""
        result = self.run_program(code, parameters={"folder": self.workspace})
        expected = {"json": {"a": [1, {}]}, "lines": [{"a": 1}, [2]], "text": list(b"\xff\x00text\r\n")}
        self.assertEqual((result.stderr, result.results), ("", expected))

    def test_files_are_written_below_the_workspace(self):
        code = """
        print(save_file("deep/it's/a.json", { b = { 1 } }))
        print(save_file("./b/../list.jsonl", { 1, { x = "é" } }))
        save_file("text.txt", "a\\0\\xff") save_file("number.txt", 5)"""
        result = self.run_program(code)
        self.assertEqual(result.stdout, "/workspace/deep/it's/a.json\n/workspace/list.jsonl\n")
        self.assertEqual(self.read("deep/it's/a.json"), '{"b":[1]}\n')
        self.assertEqual(self.read("list.jsonl"), '1\n{"x":"é"}\n')
        self.assertEqual(self.read("number.txt"), "5")
        with open(self.workspace + "/text.txt", "rb") as file:
            self.assertEqual(file.read(), b"a\0\xff")

    def test_what_is_no_json_is_an_error_with_its_line(self):
        wrong = {
            "": "line 1: a value is expected where the text ends",
            "[1,\n]": "line 2: a value is expected where there is \"]\"",
            "[1 2]": "line 1: ',' or ']' is expected",
            "{a: 1}": "line 1: a name in quotes is expected",
            '{"a" 1}': "line 1: ':' is expected",
            '{"a": 1,}': "line 1: a name in quotes is expected",
            "01": "line 1: a number is expected", "1.": "line 1: a number is expected", "+1": "a value is expected",
            "1e": "line 1: a number is expected", "-": "a value is expected", "NaN": "a value is expected",
            "tru": "line 1: a value is expected", "nullx": "line 1: the end is expected",
            '"a\nb"': "line 1: the end of a string is expected", '"a': "line 1: the end of a string is expected",
            '"\\x"': "line 1: an escape sequence is expected",
            '"\\u12"': "a code of four hexadecimal digits is expected",
            "1 1": "line 1: the end is expected",
        }
        self.write("bytes.json", b'"\xff"')
        for number, text in enumerate(wrong):
            self.write(f"{number}.json", text)
        code = """
        for number = 0, parameters.count - 1 do
          print((select(2, pcall(load_file, number .. ".json")):gsub("\\n", " ")))
        end
        print(select(2, pcall(load_file, "bytes.json")))"""
        lines = self.run_program(code, parameters={"count": len(wrong)}).stdout.splitlines()
        for number, message in enumerate([*wrong.values(), "line 1: a string in UTF-8 is expected"]):
            self.assertIn(message, lines[number])
            self.assertIn(" is not JSON: ", lines[number])
