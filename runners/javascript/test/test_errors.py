"""What the record is told of an error."""
from .harness import RunnerTest


class ErrorsTest(RunnerTest):
    def test_an_uncaught_error_has_type_message_frames_and_line(self):
        result = self.run_program("function half(n) {\n  throw new RangeError(`odd: ${n}`)\n}\n\nhalf(3)")
        self.assertEqual(result.error["type"], "RangeError")
        self.assertEqual(result.error["message"], "odd: 3")
        self.assertEqual(result.error["line"], 2)
        self.assertEqual(
            result.error["frames"],
            [
                {"file": "main.js", "line": 5, "function": "<anonymous>", "source": "half(3)"},
                {"file": "main.js", "line": 2, "function": "half", "source": "throw new RangeError(`odd: ${n}`)"},
            ],
        )
        self.assertTrue(result.error["traceback"].startswith("RangeError: odd: 3\n    at half ("))
        self.assertEqual(result.status, 1)

    def test_frames_lead_through_modules_and_async_functions(self):
        files = {
            "main.mjs": (
                "import { run } from './lib/run.mjs'\nconst start = async () => {\n  await run()\n}\n"
                "await start()"
            ),
            "lib/run.mjs": "export async function run() {\n  await null\n  throw new TypeError('deep')\n}",
        }
        error = self.run_program(files=files, entry="main.mjs").error
        self.assertEqual(
            [(frame["file"], frame["line"], frame["function"]) for frame in error["frames"]],
            [("main.mjs", 5, "<anonymous>"), ("main.mjs", 3, "start"), ("lib/run.mjs", 3, "run")],
        )
        self.assertEqual(error["line"], 3)

    def test_a_syntax_error_has_its_line(self):
        for entry, code in {"main.js": "let a = 1;\nlet b = ;", "main.mjs": "let a = 1;\nlet b = ;"}.items():
            with self.subTest(entry):
                error = self.run_program(code, entry=entry).error
                found = error["type"], error["message"], error["line"]
                self.assertEqual(found, ("SyntaxError", "Unexpected token ';'", 2))
                place = {"file": entry, "line": 2, "function": "<anonymous>", "source": "let b = ;"}
                self.assertEqual(error["frames"], [place])
                excerpt = f"{entry}:2\nlet b = ;\n        ^\n\n"
                self.assertIn(f"{excerpt}SyntaxError: Unexpected token ';'\n", error["traceback"])

    def test_a_syntax_error_of_a_sibling_is_in_that_file(self):
        error = self.run_program(files={"main.js": "require('./x')", "x.js": "\nlet x = ;"}).error
        self.assertEqual((error["frames"][-1]["file"], error["line"]), ("x.js", 2))
        files = {"main.mjs": "import { x } from './x.mjs'", "x.mjs": "export let y"}
        error = self.run_program(files=files, entry="main.mjs").error
        self.assertEqual((error["type"], error["frames"][-1]["file"], error["line"]), ("SyntaxError", "main.mjs", 1))

    def test_an_export_that_is_not_there_is_shown_as_it_is_written(self):
        code = 'import { a } from "./x.mjs"\na'
        error = self.run_program(files={"main.mjs": code, "x.mjs": ""}, entry="main.mjs").error
        text = "The requested module './x.mjs' does not provide an export named 'a'"
        self.assertEqual((error["type"], error["message"], error["line"]), ("SyntaxError", text, 1))
        place = f'file://{self.workspace}/main.mjs:1\nimport {{ a }} from "./x.mjs"\n         ^\n'
        self.assertTrue(error["traceback"].startswith(f"{place}SyntaxError: {text}\n"), error["traceback"])
        self.assertEqual(error["traceback"].count("main.mjs"), 1)

    def test_a_dom_exception_is_an_error(self):
        error = self.run_program("const a = 1\nstructuredClone(() => a)").error
        found = error["type"], error["message"], error["line"]
        self.assertEqual(found, ("DOMException", "() => a could not be cloned.", 2))

    def test_causes_and_fields_are_in_the_traceback(self):
        code = "class Failed extends Error { code = 7 }\nthrow new Failed('outer', { cause: new Error('inner') })"
        error = self.run_program(code).error
        self.assertEqual((error["type"], error["line"]), ("Failed", 2))
        self.assertIn("code: 7", error["traceback"])
        self.assertIn("[cause]: Error: inner\n", error["traceback"])

    def test_a_plain_error_with_another_name_has_that_type(self):
        error = self.run_program("const e = new Error('x'); e.name = 'Custom'; throw e").error
        self.assertEqual(error["type"], "Custom")

    def test_a_rejection_that_nobody_handles_is_an_error(self):
        error = self.run_program("async function f() {\n  throw new Error('x')\n}\nf()").error
        self.assertEqual((error["type"], error["line"]), ("Error", 2))

    def test_javascript_throws_anything(self):
        error = self.run_program("throw { a: 1 }").error
        nowhere = {"frames": [], "line": None}
        self.assertEqual(
            error, {"type": "Object", "message": "{ a: 1 }", "traceback": "Uncaught { a: 1 }", **nowhere}
        )
        self.assertEqual(self.run_program("throw 'text'").error["message"], "text")
        self.assertEqual(self.run_program("throw null").error["type"], "null")

    def test_an_error_that_is_handled_is_none(self):
        for code in (
            "process.on('uncaughtException', () => {})\nnull.x",
            "process.on('unhandledRejection', () => {})\nPromise.reject(1)",
            "try { null.x } catch {}",
        ):
            with self.subTest(code):
                self.assertEqual(self.run_program(code).messages, [])

    def test_a_very_deep_stack_is_cut_in_the_middle(self):
        code = (
            "Error.stackTraceLimit = Infinity\nfunction f(n) {\n  if (n === 0) throw new Error('x')\n"
            "  f(n - 1)\n}\nf(500)"
        )
        error = self.run_program(code).error
        self.assertEqual((len(error["frames"]), error["frames"][0]["line"], error["line"]), (100, 6, 3))

    def test_a_mistake_in_using_a_helper_is_shown_at_the_call(self):
        result = self.run_program("const a = 1\n  saveResult(5, a)")
        self.assertIn("/main.js:2\n  saveResult(5, a)\n  ^\n\nTypeError: saveResult: name must ", result.stderr)
        self.assertIn("be a string, not number\n    at Object.<anonymous> (", result.stderr)
        self.assertEqual(result.error["line"], 2)
        result = self.run_program("loadFile('bad.json')", files={"bad.json": "{"})
        self.assertNotIn("runners", result.stderr)
        self.assertEqual((result.error["type"], result.error["line"]), ("SyntaxError", 1))

    def test_the_error_of_a_file_that_cannot_be_read_names_the_file_and_its_line(self):
        for name, content, place in (
            ("bad.json", "{", "bad.json"),
            ("sub/bad.json", "", "sub/bad.json"),
            ("bad.jsonl", '{"a": 1}\n\n{"a"}\n', "bad.jsonl, line 3"),
        ):
            with self.subTest(name):
                error = self.run_program(f"loadFile({name!r})", files={name: content}).error
                self.assertEqual(error["type"], "SyntaxError")
                self.assertRegex(error["message"], f"^loadFile: {place}: (Expected|Unexpected) ")
