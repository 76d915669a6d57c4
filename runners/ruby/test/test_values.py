"""The value, returned variables, and their conversion to JSON."""

from .harness import RunnerTest


class ValuesTest(RunnerTest):
    def values(self, *expressions, before=""):
        return self.run_program(before + "[" + ",\n".join(expressions) + "]").value

    def test_the_value_is_that_of_the_last_statement(self):
        for code, value in (
            ("x = 5\nx * 2", 10),
            ("begin\n  Integer('x')\nrescue ArgumentError\n  'no'\nend\n", "no"),
            ("<<~TEXT\n  heredoc\nTEXT\n", "heredoc\n"),
            ("x = [1, 2]", [1, 2]),
            ("puts 'a'; 'b' # comment", "b"),
            ("[\n1,\n2\n]\n__END__\n3", [1, 2]),
            ("def f = 3\nf # no line end", 3),
        ):
            with self.subTest(code):
                self.assertEqual(self.run_program(code).value, value)

    def test_a_long_program_has_a_value(self):
        code = (
            "x = [1, 2, 3].map { |n| n * 2 }\n" * 5000
            + "p DATA.read, DATA.lineno, DATA.path\n[x, __LINE__]\n__END__\ntail"
        )
        result = self.assert_like_plain(code)
        self.assertEqual(result.value, [[2, 4, 6], 5002])

    def test_some_programs_have_no_value(self):
        for code in ("# nothing\n", "puts 1", "def f; end", "class A; 5; end", "BEGIN { 1 }\n5", "return 1 if true\n2"):
            with self.subTest(code):
                self.assertEqual(self.run_program(code).of_type("value"), [])

    def test_what_json_holds_is_that_json(self):
        self.assertEqual(
            self.values(
                "nil", "true", "false", "2**53 - 1", "1.5", "-0.0", '"\u00e9\\u0000"', "{'a' => {b: []}}",
                "'a'.encode('UTF-16')", "'\u00e9'.encode('ISO-8859-1')", "'ab'.b",
            ),
            [None, True, False, 2**53 - 1, 1.5, -0.0, "\u00e9\x00", {"a": {"b": []}}, "a", "\u00e9", "ab"],
        )

    def test_everything_else_is_described(self):
        self.assertEqual(
            self.values(
                "2**60", "Float::NAN", "-Float::INFINITY", ":sym", '"\\xff"', "1..3", "Object", "3r",
                "Time.at(0, in: 'UTC')", "Set[1, :a]", "Point.new(1, nil)", "Name.new('n')", "{1 => 2}",
                "{a: 1, 'a' => 2}", "{'$type' => 1}", "Bare.new",
                before=(
                    "require 'set'\nPoint = Struct.new(:x, :y)\nclass Name < String; end\nclass Bare < BasicObject\n"
                    "  def inspect = 'bare'\nend\n"
                ),
            ),
            [
                {"$type": "Integer", "repr": "1152921504606846976"},
                {"$type": "Float", "repr": "NaN"},
                {"$type": "Float", "repr": "-Infinity"},
                {"$type": "Symbol", "repr": ":sym", "json": "sym"},
                {"$type": "String", "repr": '"\\xFF"', "length": 1},
                {"$type": "Range", "repr": "1..3"},
                {"$type": "Class", "repr": "Object"},
                {"$type": "Rational", "repr": "(3/1)", "json": "3/1"},
                {"$type": "Time", "repr": "1970-01-01 00:00:00 UTC", "json": "1970-01-01T00:00:00+00:00"},
                {
                    "$type": "Set",
                    "repr": "#<Set: {1, :a}>",
                    "length": 2,
                    "items": [1, {"$type": "Symbol", "repr": ":a", "json": "a"}],
                },
                {"$type": "Point", "repr": "#<struct Point x=1, y=nil>", "json": {"x": 1, "y": None}},
                {"$type": "Name", "repr": '"n"', "json": "n"},
                {"$type": "Hash", "repr": "{1=>2}", "length": 1, "items": [[1, 2]]},
                {
                    "$type": "Hash",
                    "repr": '{:a=>1, "a"=>2}',
                    "length": 2,
                    "items": [[{"$type": "Symbol", "repr": ":a", "json": "a"}, 1], ["a", 2]],
                },
                {"$type": "Hash", "repr": '{"$type"=>1}', "length": 1, "items": [["$type", 1]]},
                {"$type": "Bare", "repr": "bare"},
            ],
        )
        self.assertEqual(self.values("Class.new(IOError).new")[0]["$type"], "IOError")

    def test_dates_and_decimals_have_their_text(self):
        code = (
            "require 'date'\nrequire 'bigdecimal'\nrequire 'pathname'\n"
            "[Date.new(2024, 1, 2), BigDecimal('1.5'), Pathname('a/b')].to_a"
        )
        self.assertEqual([item["json"] for item in self.run_program(code).value], ["2024-01-02", "0.15e1", "a/b"])

    def test_cycles_and_depth_end_in_descriptions(self):
        cycle, deep, kept = self.values(
            "CYCLE",
            "DEEP",
            "1",
            before="CYCLE = [1]\nCYCLE << CYCLE\nDEEP = 100.times.reduce([]) { |inner, _| [inner] }\n",
        )
        self.assertEqual(cycle, [1, {"$type": "Array", "repr": "[1, [...]]"}])
        levels = 0
        while isinstance(deep, list):
            deep, levels = deep[0], levels + 1
        self.assertEqual((levels, deep["$type"], kept), (63, "Array", 1))

    def test_long_reprs_are_cut_and_large_objects_not_written_out(self):
        values = self.values("Object.new.tap { |o| def o.inspect = 'x' * 5000 }", "2**1_000_000", "{1 => 'y' * 5000}")
        self.assertEqual([len(value["repr"]) for value in values], [2000] * 3)
        self.assertTrue(values[1]["repr"].startswith("0x8000"))

    def test_a_value_too_large_is_described_with_a_warning(self):
        result = self.run_program("Array.new(3_000_000, 10)")
        self.assertEqual((result.value["$type"], result.value["length"]), ("Array", 3_000_000))
        self.assertEqual(
            result.warnings,
            ["the value of the last statement is too large for one message; only a description of it was kept"],
        )

    def test_what_a_value_does_stays_with_it(self):
        code = (
            "class Hostile\n  def inspect = exit(3)\n  def class = raise('c')\n  def respond_to?(*) = raise('r')\n"
            "  def ==(other) = raise('e')\n  def nil? = true\nend\nHostile.new"
        )
        result = self.run_program(code)
        self.assertEqual((result.status, result.value["$type"]), (0, "Hostile"))
        self.assertTrue(result.value["repr"].startswith("<inspect failed: SystemExit"), result.value["repr"])

    def test_variables_of_the_top_level_are_returned(self):
        code = (
            "local = [1]\n@instance = {a: 2}\n$global = 'g'\nCONSTANT = 2.5\nmodule M; N = 3; end\nnone = nil\nexit 1"
        )
        names = [
            "local", "@instance", "$global", "CONSTANT", "M::N", "none", "missing", "@no", "$no", "No", "a b",
            "puts",
        ]
        result = self.run_program(code, returnVariables=names)
        self.assertEqual(
            result.variables,
            {"local": [1], "@instance": {"a": 2}, "$global": "g", "CONSTANT": 2.5, "M::N": 3, "none": None},
        )
        self.assertEqual(
            result.warnings,
            [
                f"returnVariables: the program has no variable '{name}'"
                for name in ("missing", "@no", "$no", "No", "a b", "puts")
            ],
        )

    def test_variables_are_returned_after_an_error_and_as_they_are_at_the_end(self):
        result = self.run_program("x = 1\nat_exit { x += 1 }\nraise 'e'", returnVariables=["x"])
        self.assertEqual(result.variables, {"x": 2})

    def test_variables_too_large_together_are_described(self):
        result = self.run_program(
            "a = 'x' * 5_000_000\nb = 'y' * 5_000_000\nc = 'z' * 9_000_000\nnil", returnVariables=["a", "b", "c"]
        )
        self.assertEqual([result.variables[name]["length"] for name in "abc"], [5_000_000, 5_000_000, 9_000_000])
        self.assertEqual(
            result.warnings,
            [
                "returnVariables: 'c' is too large; only a description of it was kept",
                "returnVariables: together too large for one message; only descriptions were kept",
            ],
        )

    def test_a_forked_child_sends_no_value_of_its_own(self):
        result = self.run_program(
            "x = 1\nfork { x = 2 }\nProcess.wait\nputs 'a' if fork.nil?\nProcess.wait rescue 0\n[x]",
            returnVariables=["x"],
        )
        self.assertEqual((result.value, result.variables), ([1], {"x": 1}))
