"""Values as faithful JSON."""
from .harness import RunnerTest


class ValuesTest(RunnerTest):
    def converted(self, *expressions):
        """Each expression as the runner sends it."""
        calls = "".join(f"saveResult('{number}', {text});\n" for number, text in enumerate(expressions))
        result = self.run_program(calls)
        self.assertEqual((result.stderr, len(result.results)), ("", len(expressions)))
        return list(result.results.values())

    def test_what_json_holds_exactly_is_that_json(self):
        texts = [
            "null", "true", "'\u00e9\\u0000'", "2 ** 53 - 1", "-1.5e-7", "[1, ['a']]", "{ a: { b: null } }",
            "Object.create(null)", "JSON.parse('{\"__proto__\": 1}')",
        ]
        expected = [None, True, "\u00e9\0", 2**53 - 1, -1.5e-7, [1, ["a"]], {"a": {"b": None}}, {}, {"__proto__": 1}]
        self.assertEqual(self.converted(*texts), expected)

    def test_other_scalars_are_described(self):
        self.assertEqual(
            self.converted(
                "2 ** 60", "NaN", "-Infinity", "10n", "undefined", "Symbol('s')", "'\\ud800'", "[undefined]"
            ),
            [
                {"$type": "Number", "repr": "1152921504606847000"},
                {"$type": "Number", "repr": "NaN"},
                {"$type": "Number", "repr": "-Infinity"},
                {"$type": "BigInt", "repr": "10n", "json": "10"},
                {"$type": "undefined", "repr": "undefined"},
                {"$type": "Symbol", "repr": "Symbol(s)"},
                {"$type": "String", "repr": "'\\ud800'", "length": 1},
                [{"$type": "undefined", "repr": "undefined"}],
            ],
        )

    def test_objects_are_described_with_what_is_known_of_them(self):
        self.assertEqual(
            self.converted(
                "new Date(0)", "new Map([['a', [1]]])", "new Set([1])", "new Float64Array([1.5])", "Buffer.from('ab')",
                "new (class Point { x = 1 })()",
                "new (class Money { toJSON() { return '5 EUR' } })()", "new Number(3)", "{ $type: 1 }", "/a/g",
                "() => 1",
            ),
            [
                {"$type": "Date", "repr": "1970-01-01T00:00:00.000Z", "json": "1970-01-01T00:00:00.000Z"},
                {"$type": "Map", "repr": "Map(1) { 'a' => [ 1 ] }", "length": 1, "items": [["a", [1]]]},
                {"$type": "Set", "repr": "Set(1) { 1 }", "length": 1, "items": [1]},
                {"$type": "Float64Array", "repr": "Float64Array(1) [ 1.5 ]", "length": 1, "json": [1.5]},
                {"$type": "Buffer", "repr": "<Buffer 61 62>", "length": 2},
                {"$type": "Point", "repr": "Point { x: 1 }"},
                {"$type": "Money", "repr": "Money {}", "json": "5 EUR"},
                {"$type": "Number", "repr": "[Number: 3]", "json": 3},
                {"$type": "Object", "repr": "{ '$type': 1 }", "length": 1, "items": [["$type", 1]]},
                {"$type": "RegExp", "repr": "/a/g"},
                {"$type": "Function", "repr": "[Function (anonymous)]"},
            ],
        )

    def test_cycles_and_what_is_too_deep_are_described_at_that_point(self):
        cycle, deep = self.converted(
            "(() => { const a = [1]; a.push(a); return a })()",
            "(() => { let d = 1; for (let i = 0; i < 70; i++) d = [d]; return d })()",
        )
        self.assertEqual(cycle, [1, {"$type": "Array", "repr": "<ref *1> [ 1, [Circular *1] ]"}])
        for _ in range(64):
            (deep,) = deep
        self.assertEqual(deep["$type"], "Array")

    def test_what_a_value_s_own_code_throws_ends_in_the_description(self):
        throwing, proxy, name = self.converted(
            "{ get a() { throw new Error('no') } }",
            "new Proxy({}, { ownKeys() { throw new Error('no') } })",
            "{ get constructor() { throw 1 }, a: 1 }",
        )
        self.assertEqual(throwing, {"$type": "Object", "repr": "{ a: [Getter] }"})
        self.assertEqual((proxy["$type"], name["$type"]), ("Object", "Object"))

    def test_a_value_over_the_limit_stands_as_a_description_with_a_warning(self):
        result = self.run_program("'x'.repeat(9 * 2 ** 20)")
        self.assertEqual((result.value["$type"], result.value["length"]), ("String", 9 * 2**20))
        self.assertEqual(result.warnings, [(
            "the value of the last expression is too large for one message; "
            "only a description of it was kept"
        )])
        result = self.run_program("saveResult('a', Array(2 ** 22).fill(0)); saveResult('b', 1)")
        self.assertEqual((result.results["a"]["length"], result.results["b"]), (2**22, 1))
        self.assertEqual(len(result.warnings), 1)
