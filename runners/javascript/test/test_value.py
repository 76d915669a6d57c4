"""The value of the last expression, and the variables that are asked for."""
from .harness import RunnerTest


class LastExpressionTest(RunnerTest):
    def values(self, programs):
        for code, expected in programs.items():
            with self.subTest(code):
                result = self.run_program(code)
                self.assertEqual((result.value, result.stderr, result.status), (expected, "", 0))

    def test_the_value_of_the_last_expression_is_sent(self):
        self.values({
            "let x = 20\nx * 2 + 2": 42,
            "let x = 5; x * 2": 10,
            "1;;\n// the end": 1,
            "'hello'": "hello",
            "const a = [1]; // c\n\n/* d */\n[2].concat(a)": [2, 1],
            "'use strict'\nthis === module.exports": True,
            "function f() { return 1 }\n(f(), f() + 1)": 2,
            "1, (2, 3)": 3,
            "let a; a = 1, a + 1; // both": 2,
            "(class {}).name": "",
            "(class { static a = 5 }).a": 5,
            "let o = {}\no.a = { b: 1 }": {"b": 1},
            "#!/usr/bin/env node\n[1, 2].map((n) => n * 2)": [2, 4],
        })

    def test_the_value_of_a_module_is_that_of_its_last_expression(self):
        self.values({
            "import { posix } from 'node:path'\nposix.join('a', 'b')": "a/b",
            "export const a = await 5\na + (await 1)": 6,
            "[7]\nexport {}": [7],
        })
        self.assertEqual(self.run_program("import.meta.url.slice(-8)", entry="main.mjs").value, "main.mjs")

    def test_the_value_gets_no_name(self):
        for code, shown in {
            "() => 5": "[Function (anonymous)]", "(function () {})": "[Function (anonymous)]",
            "1;\n(class {})": "[class (anonymous)]", "(class A {})": "[class A]",
        }.items():
            with self.subTest(code):
                self.assertEqual(self.run_program(code).value, {"$type": "Function", "repr": shown})

    def test_the_value_is_sent_as_it_is_when_the_expression_ends(self):
        self.values({"let a = [1]\nsetTimeout(() => a.push(2), 1)\na": [1]})

    def test_a_promise_is_waited_for_and_its_rejection_is_the_program_s(self):
        self.values({"async function f() { await null; return { a: 1 } }\nf()": {"a": 1}})
        result = self.run_program(
            "process.on('unhandledRejection', (e) => console.log('seen', e.message));\n"
            "Promise.reject(new Error('x'))"
        )
        self.assertEqual((result.stdout, result.messages, result.status), ("seen x\n", [], 0))
        self.assertEqual(self.run_program("new Promise(() => {})").messages, [])

    def test_no_value_is_sent_for_statements_and_for_undefined(self):
        statements = ("let x = 1", "if (true) { 5 }", "module.exports = 1; function f() {}", "", "'use strict'")
        for code in (*statements, "console.log(1)"):
            with self.subTest(code):
                self.assertEqual(self.run_program(code).messages, [])

    def test_looking_for_the_value_leaves_nothing_behind(self):
        code = (
            "const before = Object.getOwnPropertyNames(globalThis)\nsetTimeout(() => console.log(\n"
            "  Object.getOwnPropertyNames(globalThis).filter((n) => !before.includes(n)), "
            "before.filter((n) => !(n in globalThis)).length), 1);\n() => 5"
        )
        result = self.run_program(code)
        self.assertEqual(result.value, {"$type": "Function", "repr": "[Function (anonymous)]"})
        self.assertEqual(result.stdout, "[] 1\n")

    def test_a_table_and_an_image_are_shown_too(self):
        result = self.run_program("[{ a: 1, b: '<x>' }, { a: null }]")
        self.assertEqual(result.value, [{"a": 1, "b": "<x>"}, {"a": None}])
        (display,) = result.displays
        self.assertEqual(display["application/json"], [{"a": 1, "b": "<x>"}, {"a": None}])
        self.assertIn("<tr><td>1</td><td>&lt;x&gt;</td></tr>", display["text/html"])
        self.assertEqual(self.run_program("[1, [2]]").displays, [])


class VariablesTest(RunnerTest):
    names = ["a", "b", "f", "missing", "not-a-name"]
    warnings = [
        "returnVariables: the program has no variable 'missing'",
        "returnVariables: the program has no variable 'not-a-name'",
    ]

    def test_variables_of_a_script_are_sent_in_their_last_state(self):
        code = "'use strict'\nvar a = 1; let b = [a]; function f() {}\nsetTimeout(() => { b.push(2); a = 'end' }, 1)\n7"
        result = self.run_program(code, returnVariables=self.names)
        function = {"$type": "Function", "repr": "[Function: f]"}
        self.assertEqual(result.variables, {"a": "end", "b": [1, 2], "f": function})
        self.assertEqual((result.warnings, result.value), (self.warnings, 7))

    def test_variables_of_a_module_are_sent_imports_too(self):
        files = {
            "main.mjs": "import { b } from './x.mjs'\nexport const a = await 1\nexport class f {}",
            "x.mjs": "export const b = 2",
        }
        result = self.run_program(files=files, entry="main.mjs", returnVariables=self.names)
        self.assertEqual(result.variables, {"a": 1, "b": 2, "f": {"$type": "Function", "repr": "[class f]"}})
        self.assertEqual(result.warnings, self.warnings)

    def test_variables_are_sent_after_a_failure_and_an_exit_too(self):
        result = self.run_program("let a = 1; null.x; let b = 2", returnVariables=["a", "b"])
        self.assertEqual(result.variables, {"a": 1})
        self.assertEqual(result.warnings, ["returnVariables: the program has no variable 'b'"])
        self.assertIn("\nlet a = 1; null.x; let b = 2\n                ^\n", result.stderr)
        self.assertEqual(self.run_program("let a = 1; process.exit(4)", returnVariables=["a"]).variables, {"a": 1})

    def test_a_program_that_cannot_be_parsed_has_no_variables(self):
        result = self.run_program("let a = ;", returnVariables=["a"])
        self.assertEqual((result.variables, result.error["line"]), ({}, 1))
