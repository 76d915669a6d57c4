"""What a Perl program finds beside the language."""
import json

from .harness import RunnerTest


class Inputs(RunnerTest):
    def test_parameters_and_data_are_values_of_perl(self):
        code = """use strict; use warnings; use utf8; binmode STDOUT, ':utf8';
        print join('|', $parameters{factor} + 1, $parameters{text}, exists $parameters{missing}), "\\n";
        print length $parameters{text}, "\\n";
        print join('|', scalar @$input_data, defined $input_data->[1], $input_data->[2]{deep}[0]), "\\n";"""
        parameters = {"factor": 2, "text": "é😀", "missing": None}
        result = self.run_program(code, parameters=parameters, data=[1, None, {"deep": ["x"]}])
        self.assertEqual((result.stdout, result.stderr), ("3|é😀|1\n2\n3||x\n", ""))

    def test_without_data_there_is_none(self):
        result = self.run_program("use warnings; print defined $input_data ? 1 : 0, scalar %parameters")
        self.assertEqual((result.stdout, result.stderr), ("00", ""))

    def test_what_came_in_goes_out_as_it_was(self):
        text = "\u0001\"\\/\u2028\U0001F600"
        data = {"a": [], "o": {}, "n": [None, 1, -2.5, 1e300, "1"], "s": text, "b": [True, False]}
        self.assertEqual(self.run_program("save_result('x', $input_data)", data=data).results, {"x": data})

    def test_half_of_a_surrogate_pair_stands_for_no_character(self):
        text = '{"parameters": {"a": "\\ud83d\\ude00 \\ud800 \\udc00x \\\\ud800"}, "workspace": "/"}'
        result = self.run_program("binmode STDOUT, ':utf8'; print $parameters{a}", input_text=text)
        self.assertEqual(result.stdout, "😀 \ufffd \ufffdx \\ud800")


class Results(RunnerTest):
    def test_values_that_json_holds_are_results(self):
        code = """use strict; use warnings;
        save_result "total", 58;
        save_result many => [1, 2.5, "58", 1 == 1, 1 == 2, { a => { b => 'c' } }, [], {}, 0.1 + 0.2, -1e300, undef];
        save_result(['unnamed']);
        save_result(nothing => undef);
        save_result('total', 59);"""
        expected = {
            "many": [1, 2.5, "58", True, False, {"a": {"b": "c"}}, [], {}, 0.30000000000000004, -1e300, None],
            "total": 59, "result": ["unnamed"], "nothing": None,
        }
        result = self.run_program(code)
        self.assertEqual((result.stderr, result.results), ("", expected))

    def test_booleans_of_json_pp_are_booleans(self):
        code = "use JSON::PP; save_result(decode_json('[true, false, 1]'))"
        self.assertEqual(self.run_program(code).results, {"result": [True, False, 1]})

    def test_text_is_characters_and_bytes_that_are_utf_8(self):
        code = "save_result([\"Zürich\", \"Z\\x{fc}rich\\x{263a}\", \"\\xff\", \"\\x{d800}\", { 'ü' => 1 }])"
        self.assertEqual(self.run_program(code).results["result"], ["Zürich", "Zürich☺", "ÿ", "\ufffd", {"ü": 1}])

    def test_other_values_are_described(self):
        code = """
        package Point { use overload '""' => sub { '(1, 2)' } }
        package Broken { use overload '""' => sub { die "no\\n" } }
        my $cycle = []; push @$cycle, $cycle;
        my $deep = []; $deep = [$deep] for 1 .. 100;
        save_result many => [
            1152921504606846976, 9**9**9, -sin(9**9**9), sub { 1 }, { '$type' => 1 }, $cycle,
            bless({}, 'Point'), bless({}, 'Broken'), \\1, qr/x/,
        ];
        save_result(deep => $deep);
        save_result(long => sub { bless {}, 'A' x 3000 }->());"""
        result = self.run_program(code)
        self.assertEqual(result.stderr, "")
        many = result.results["many"]
        self.assertEqual(many[0], {"$type": "number", "repr": "1152921504606846976"})
        self.assertEqual(many[1], {"$type": "number", "repr": "Inf"})
        self.assertEqual(many[2], {"$type": "number", "repr": "NaN"})
        self.assertEqual(many[3]["$type"], "CODE")
        self.assertEqual((many[4]["$type"], many[4]["items"]), ("HASH", [["$type", 1]]))
        self.assertEqual(many[5][0]["$type"], "ARRAY")
        self.assertEqual(many[6], {"$type": "Point", "repr": "(1, 2)"})
        self.assertEqual(many[7], {"$type": "Broken", "repr": "<no text: no\n>"})
        self.assertEqual([many[8]["$type"], many[9]], ["SCALAR", {"$type": "Regexp", "repr": "(?^:x)"}])
        self.assertEqual(json.dumps(result.results["deep"]).count("["), 64)
        self.assertEqual(result.results["long"]["repr"], "A" * 1997 + "...")

    def test_a_value_too_large_for_a_message_is_described_with_a_warning(self):
        result = self.run_program("save_result('big', 'x' x 9_000_000); save_result('small', 1)")
        self.assertEqual(result.results["big"], {"$type": "string", "repr": "x" * 1997 + "..."})
        self.assertEqual(result.results["small"], 1)
        self.assertIn("result 'big' is too large", result.warnings[0])

    def test_without_a_pipe_results_go_to_the_file_of_results(self):
        result = self.run_program("report_progress(1); save_result('total', 58); save_result([1])", pipe=False)
        self.assertEqual((result.status, result.stderr), (0, ""))
        with open(self.results_file, encoding="utf-8") as file:
            lines = [json.loads(line) for line in file]
        self.assertEqual(lines, [{"name": "total", "value": 58}, {"name": "result", "value": [1]}])

    def test_forked_children_send_whole_messages_beside_each_other(self):
        code = """
        for my $child (1 .. 4) {
            next if fork;
            save_result("$child-$_", 'x' x 200_000) for 1 .. 5;
            exit;
        }
        save_result("parent-$_", 'y' x 200_000) for 1 .. 5;
        1 while wait > 0;"""
        results = self.run_program(code).results
        self.assertEqual(len(results), 25)
        self.assertEqual({len(value) for value in results.values()}, {200_000})

    def test_progress_is_a_fraction_or_a_percentage_or_unknown(self):
        code = """
        report_progress(0.5, 'half'); report_progress(75); report_progress(undef, 'é' x 5000); report_progress('1')"""
        expected = [(0.5, "half"), (0.75, None), (None, "é" * 4000), (1, None)]
        self.assertEqual(self.run_program(code).progress, expected)

    def test_wrong_arguments_die_in_the_programs_line(self):
        cases = {
            "save_result()": "save_result: a name and a value are expected, not 0 arguments",
            "save_result(1, 2, 3)": "save_result: a name and a value are expected, not 3 arguments",
            "save_result([], 1)": "save_result: name must be text",
            'save_result("a\\n", 1)': "save_result: name must have 1 to 200 printable characters",
            "report_progress('x')": "report_progress: fraction must be a number, not 'x'",
            "report_progress(101)": "report_progress: fraction must be from 0 to 1, or a percentage up to 100, not 101",
            "load_file(undef)": "load_file: name must be text",
            "load_file('none.csv')": "load_file: /workspace/none.csv: No such file or directory",
            "save_file('a.txt')": "save_file: content must be text, an array or a hash",
            "save_file('../a', '')": "save_file: name must stay below the workspace /workspace, not '../a'",
            "save_file('a.csv', [])": "save_file: content must be text for a file .csv",
            "save_file('a.json', [sub {}])": "save_file: a value of type CODE cannot be written as JSON",
        }
        for call, message in cases.items():
            with self.subTest(call):
                error = self.run_program(f"use strict;\n{call};\n").error
                self.assertEqual((error["message"], error["line"]), (message, 2))


class Files(RunnerTest):
    def test_tables_are_rows_by_the_names_of_their_columns(self):
        self.write("a.csv", '\ufeffname,"b ""q""",n\r\nZürich,"two\nlines",3\r\n\r\nshort\nx,y,z,more,"and, more"\n')
        self.write("b.TSV", "a\tb\n1,5\t2")
        code = "use warnings; save_result('csv', load_file('a.csv')); save_result('tsv', load_file('b.TSV'));"
        result = self.run_program(code)
        rows = [
            {"name": "Zürich", 'b "q"': "two\nlines", "n": "3"},
            {"name": "short", 'b "q"': None, "n": None},
            {"name": "x", 'b "q"': "y", "n": "z", "": ["more", "and, more"]},
        ]
        self.assertEqual((result.stderr, result.results), ("", {"csv": rows, "tsv": [{"a": "1,5", "b": "2"}]}))

    def test_tables_may_end_anywhere(self):
        self.write("open.csv", 'a,b\r1,"two')
        self.write("empty.csv", "")
        code = "save_result('open', load_file('open.csv')); save_result('empty', load_file('empty.csv'));"
        self.assertEqual(self.run_program(code).results, {"open": [{"a": "1", "b": "two"}], "empty": []})

    def test_json_is_values_and_everything_else_is_text(self):
        self.write("a.json", '{"a": [1, {"b": null}]}')
        self.write("a.jsonl", '{"a": 1}\r\n\n[2]\n')
        self.write("a.txt", "Zürich\r\n")
        self.write("a.bin", b"\xff\x00\r\n")
        code = """
        save_result("json", load_file("a.json"));
        save_result("lines", load_file("$parameters{folder}/a.jsonl"));
        save_result("lengths", [length load_file("a.txt"), length load_file("a.bin")]);
        save_result("text", load_file("a.txt"));"""
        result = self.run_program(code, parameters={"folder": self.workspace})
        expected = {"json": {"a": [1, {"b": None}]}, "lines": [{"a": 1}, [2]], "lengths": [8, 4], "text": "Zürich\r\n"}
        self.assertEqual((result.stderr, result.results), ("", expected))

    def test_files_are_written_below_the_workspace(self):
        code = """
        print save_file("deep/it's/a.json", { b => [1] }), "\\n";
        print save_file("./b/../list.jsonl", [1, { x => "\\x{e9}\\x{263a}" }]), "\\n";
        save_file("characters.txt", "\\x{e9}\\x{263a}"); save_file("bytes.bin", "a\\0\\xff");"""
        result = self.run_program(code)
        self.assertEqual(result.stdout, "/workspace/deep/it's/a.json\n/workspace/list.jsonl\n")
        self.assertEqual(self.read("deep/it's/a.json"), '{"b":[1]}\n')
        self.assertEqual(self.read("list.jsonl"), '1\n{"x":"é☺"}\n')
        self.assertEqual(self.read("characters.txt"), "é☺")
        with open(self.workspace + "/bytes.bin", "rb") as file:
            self.assertEqual(file.read(), b"a\0\xff")

    def test_what_is_no_json_is_an_error_with_its_line(self):
        wrong = {
            "": "line 1: a value is expected where the text ends",
            "[1,\n]": "line 2: a value is expected where there is ']'",
            "[1 2]": "line 1: ',' or ']' is expected",
            "{a: 1}": "line 1: a name in quotes is expected",
            '{"a" 1}': "line 1: ':' is expected",
            '{"a": 1,}': "line 1: a name in quotes is expected",
            **{text: "line 1: a value is expected" for text in ("01", "1.", "+1", "1e", "-", "NaN", "tru", "nullx")},
            **{text: "line 1: the end of a string is expected" for text in ('"a\nb"', '"a', '"\\x"', '"\\u12"')},
            "1 1": "line 1: the end is expected",
        }
        self.write("bytes.json", b'"\xff"')
        for number, text in enumerate(wrong):
            self.write(f"{number}.json", text)
        code = """
        for my $name (0 .. $parameters{last}, 'bytes') {
            eval { load_file("$name.json") };
            print $@ =~ s/\\n/ /gr, "\\n";
        }"""
        lines = self.run_program(code, parameters={"last": len(wrong) - 1}).stdout.splitlines()
        for number, message in enumerate([*wrong.values(), "line 1: a string in UTF-8"]):
            self.assertIn(message, lines[number])
            self.assertIn(" is not JSON: ", lines[number])
