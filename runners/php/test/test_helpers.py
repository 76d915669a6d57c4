"""What a PHP program finds beside the language."""
import json

from .harness import RunnerTest


class Inputs(RunnerTest):
    def test_parameters_and_data_are_values_of_php(self):
        code = """<?php
        function twice(): int { global $parameters; return 2 * $parameters['factor']; }
        echo json_encode([twice(), $parameters, $input_data], JSON_UNESCAPED_UNICODE | JSON_PRESERVE_ZERO_FRACTION);"""
        parameters = {"factor": 2, "text": "é😀", "ratio": 2.0}
        result = self.run_program(code, parameters=parameters, data=[1, None, {"deep": [False]}])
        expected = '[4,{"factor":2,"text":"é😀","ratio":2.0},[1,null,{"deep":[false]}]]'
        self.assertEqual((result.stdout, result.stderr), (expected, ""))

    def test_without_data_there_is_none(self):
        self.assertEqual(self.run_program("<?php var_dump($input_data, $parameters);").stdout, "NULL\narray(0) {\n}\n")

    def test_what_came_in_goes_out_as_it_was(self):
        text = "\u0001\"\\/\u2028\U0001F600"
        data = {"a": [], "n": [None, 1, -2.5, 1e300, "1"], "s": text, "b": [True, False], "7": {"8": 9}}
        self.assertEqual(self.run_program("<?php save_result('x', $input_data);", data=data).results, {"x": data})

    def test_half_of_a_surrogate_pair_stands_for_no_character(self):
        text = '{"parameters": {"a": "\\ud83d\\ude00 \\ud800 \\udc00x \\\\ud800"}, "workspace": "/"}'
        result = self.run_program("<?php echo $parameters['a'];", input_text=text)
        self.assertEqual(result.stdout, "😀 \ufffd \ufffdx \\ud800")


class Results(RunnerTest):
    def test_values_that_json_holds_are_results(self):
        code = """<?php
        save_result('total', 58);
        $objects = [['a' => ['b' => 'c']], [], new stdClass(), [3 => 'x'], (object) ['p' => 1]];
        save_result('many', [1, 2.5, '58', true, 0.1 + 0.2, ...$objects]);
        save_result(['unnamed']);
        save_result('nothing', null);
        save_result(value: 59, name: 'total');"""
        expected = {
            "total": 59, "result": ["unnamed"], "nothing": None,
            "many": [1, 2.5, "58", True, 0.30000000000000004, {"a": {"b": "c"}}, [], {}, {"3": "x"}, {"p": 1}],
        }
        result = self.run_program(code)
        self.assertEqual((result.stderr, result.results), ("", expected))

    def test_other_values_are_described(self):
        code = """<?php
        enum Suit: string { case Hearts = 'H'; }
        class Point { public function __toString(): string { return '(1, 2)'; } }
        class Broken { public function __toString(): string { throw new Exception('no'); } }
        class Long { public function __toString(): string { return str_repeat('é', 3000); } }
        $object = new stdClass(); $object->me = $object;
        $deep = []; for ($level = 0; $level < 100; $level++) { $deep = [$deep]; }
        $objects = [$object, Suit::Hearts, new Point(), new Broken()];
        save_result('many', [2 ** 60, INF, NAN, fn() => 1, ['$type' => 1], ...$objects, STDIN]);
        save_result('deep', $deep);
        save_result('text', "a\\xffb");
        save_result('long', new Long());"""
        result = self.run_program(code)
        self.assertEqual(result.stderr, "")
        many = result.results["many"]
        self.assertEqual(many[0], {"$type": "int", "repr": "1152921504606846976"})
        self.assertEqual(many[1:3], [{"$type": "float", "repr": "INF"}, {"$type": "float", "repr": "NAN"}])
        self.assertEqual(many[3]["$type"], "Closure")
        self.assertEqual((many[4]["$type"], many[4]["items"]), ("array", [["$type", 1]]))
        self.assertEqual(many[5]["me"]["$type"], "stdClass")
        self.assertEqual(many[6]["repr"], "Suit Enum:string\n(\n    [name] => Hearts\n    [value] => H\n)\n")
        self.assertEqual(many[7], {"$type": "Point", "repr": "(1, 2)"})
        self.assertEqual(many[8], {"$type": "Broken", "repr": "<no text: no>"})
        self.assertEqual(many[9]["$type"], "resource (stream)")
        self.assertEqual(json.dumps(result.results["deep"]).count("["), 64)
        self.assertEqual(result.results["text"], "a\ufffdb")
        self.assertEqual(result.results["long"]["repr"], "é" * 1997 + "...")

    def test_a_value_too_large_for_a_message_is_described_with_a_warning(self):
        code = """<?php
        save_result('big', str_repeat('x', 9_000_000));
        $twice = []; $twice = [&$twice, &$twice]; save_result('twice', $twice);
        save_result('small', 1);"""
        result = self.run_program(code)
        self.assertEqual(result.results["big"], {"$type": "string", "repr": "x" * 1997 + "..."})
        self.assertEqual((result.results["twice"]["$type"], result.results["small"]), ("array", 1))
        self.assertEqual(len(result.warnings), 2)
        self.assertIn("result 'big' is too large", result.warnings[0])

    def test_without_a_pipe_results_go_to_the_file_of_results(self):
        result = self.run_program("<?php report_progress(1); save_result('total', 58); save_result([1]);", pipe=False)
        self.assertEqual((result.status, result.stderr), (0, ""))
        with open(self.results_file, encoding="utf-8") as file:
            lines = [json.loads(line) for line in file]
        self.assertEqual(lines, [{"name": "total", "value": 58}, {"name": "result", "value": [1]}])

    def test_forked_children_send_whole_messages_beside_each_other(self):
        code = """<?php
        foreach (range(1, 4) as $child) {
            if (pcntl_fork() === 0) {
                foreach (range(1, 5) as $number) save_result("$child-$number", str_repeat('x', 200_000));
                exit;
            }
        }
        foreach (range(1, 5) as $number) save_result("parent-$number", str_repeat('y', 200_000));
        while (pcntl_wait($status) > 0);"""
        results = self.run_program(code).results
        self.assertEqual(len(results), 25)
        self.assertEqual({len(value) for value in results.values()}, {200_000})

    def test_progress_is_a_fraction_or_a_percentage_or_unknown(self):
        code = """<?php
        report_progress(0.5, 'half'); report_progress(75); report_progress(null, 'é'); report_progress(fraction: 1);"""
        self.assertEqual(self.run_program(code).progress, [(0.5, "half"), (0.75, None), (None, "é"), (1, None)])

    def test_wrong_arguments_are_errors_in_the_programs_line(self):
        name = "Argument #1 ($name)"
        cases = {
            "save_result([], 1)": ("TypeError", f"save_result(): {name} must be of type string, array given"),
            'save_result("a\\n", 1)': ("ValueError", f"save_result(): {name} must have 1 to 200 printable characters"),
            "report_progress('x')": (
                "TypeError", "report_progress(): Argument #1 ($fraction) must be of type int|float|null, string given",
            ),
            "report_progress(101)": (
                "ValueError",
                "report_progress(): Argument #1 ($fraction) must be from 0 to 1, or a percentage up to 100, 101 given",
            ),
            "load_file(null)": ("TypeError", f"load_file(): {name} must be of type string, null given"),
            "load_file('none.csv')": ("RuntimeException", "load_file(): there is no file /workspace/none.csv"),
            "save_file('a', 1)": (
                "TypeError", "save_file(): Argument #2 ($content) must be of type string|array|object, int given",
            ),
            "save_file('../a', '')": (
                "ValueError", f"save_file(): {name} must stay below the workspace /workspace, '../a' given",
            ),
            "save_file('a.csv', [])": (
                "TypeError", "save_file(): Argument #2 ($content) must be of type string, array given",
            ),
            "save_file('a.json', [NAN])": (
                "ValueError",
                "save_file(): Argument #2 ($content) cannot be written as JSON: Inf and NaN cannot be JSON encoded",
            ),
            "array_map('load_file', ['none'])": ("RuntimeException", "load_file(): there is no file /workspace/none"),
        }
        for call, expected in cases.items():
            with self.subTest(call):
                error = self.error_of(f"<?php\n{call};\n")
                self.assertEqual((error["type"], error["message"], error["line"]), (*expected, 2))
                self.assertEqual(
                    error["frames"], [{"file": "main.php", "line": 2, "function": "{main}", "source": f"{call};"}]
                )


class Files(RunnerTest):
    def test_tables_are_rows_by_the_names_of_their_columns(self):
        self.write("a.csv", '\ufeffname,"b ""q""",n\r\nZürich,"two\nlines",3\r\n\r\nshort\nx,y,z,more,"and, more"\n')
        self.write("b.TSV", "a\tb\n1,5\t2")
        code = "<?php save_result('csv', load_file('a.csv')); save_result('tsv', load_file('b.TSV'));"
        result = self.run_program(code)
        rows = [
            {"name": "Zürich", 'b "q"': "two\nlines", "n": "3"},
            {"name": "short", 'b "q"': None, "n": None},
            {"name": "x", 'b "q"': "y", "n": "z", "": ["more", "and, more"]},
        ]
        self.assertEqual((result.stderr, result.results), ("", {"csv": rows, "tsv": [{"a": "1,5", "b": "2"}]}))

    def test_tables_may_end_anywhere(self):
        self.write("open.csv", 'a,b\n1,"two')
        self.write("empty.csv", "")
        code = "<?php save_result('open', load_file('open.csv')); save_result('empty', load_file('empty.csv'));"
        self.assertEqual(self.run_program(code).results, {"open": [{"a": "1", "b": "two"}], "empty": []})

    def test_json_is_values_and_everything_else_is_text(self):
        self.write("a.json", '\ufeff{"a": [1, {"b": null}]}')
        self.write("a.jsonl", '{"a": 1}\r\n\n[2]\n')
        self.write("a.txt", "Zürich\r\n")
        code = """<?php
        save_result('json', load_file('a.json'));
        save_result('lines', load_file("{$parameters['folder']}/a.jsonl"));
        save_result('text', load_file('a.txt'));"""
        result = self.run_program(code, parameters={"folder": self.workspace})
        expected = {"json": {"a": [1, {"b": None}]}, "lines": [{"a": 1}, [2]], "text": "Zürich\r\n"}
        self.assertEqual((result.stderr, result.results), ("", expected))

    def test_what_is_no_json_is_an_error(self):
        self.write("a.json", "{")
        error = self.error_of("<?php load_file('a.json');")
        self.assertEqual(error["type"], "JsonException")
        self.assertEqual(error["message"], "load_file(): /workspace/a.json is not JSON: Syntax error")

    def test_files_are_written_below_the_workspace(self):
        code = """<?php
        echo save_file("deep/it's/a.json", ['b' => [1]]), "\\n";
        echo save_file('./b/../list.jsonl', [1, ['x' => 'é']]), "\\n";
        save_file('bytes.bin', "a\\0\\xff");"""
        result = self.run_program(code)
        self.assertEqual(result.stdout, "/workspace/deep/it's/a.json\n/workspace/list.jsonl\n")
        self.assertEqual(self.read("deep/it's/a.json"), '{\n    "b": [\n        1\n    ]\n}\n')
        self.assertEqual(self.read("list.jsonl"), '1\n{"x":"é"}\n')
        with open(self.workspace + "/bytes.bin", "rb") as file:
            self.assertEqual(file.read(), b"a\0\xff")
