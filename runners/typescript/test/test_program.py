"""TypeScript is run as what it is without its types, at the same lines and columns."""
from testing.interpreters import InterpreterTest
from testing.manifest import Language


class TypeScriptTest(InterpreterTest):
    language = Language("typescript")


class ProgramTest(TypeScriptTest):
    def test_types_are_taken_out_and_the_value_is_sent(self):
        code = (
            "interface Point { x: number; y?: number }\ntype Kind = 'a' | 'b';\n"
            "const point = { x: 4 } satisfies Point as Point;\n"
            "function twice<T extends number>(value: T, kind: Kind = 'a'): number { return value * 2 }\n"
            "abstract class A<T> { private a!: T; declare b: string; abstract c(): void }\n"
            "console.log(point!.x, A.name)\ntwice<number>(point.x as number)"
        )
        result = self.run_program(code, returnVariables=["point"])
        self.assertEqual((result.stdout, result.value, result.variables), ("4 A\n", 8, {"point": {"x": 4}}))
        self.assertEqual((result.stderr, result.status, result.announced), ("", 0, 0))

    def test_what_javascript_has_no_form_for_is_written_anew(self):
        code = (
            "enum Color { Red, Green = 'g' }\nconst enum Size { Big = 7 }\n"
            "namespace Deep { export const a: number = 3 }\n"
            "class User { constructor(private readonly name: string, public age = 1) {} get(): "
            "string { return this.name } }\n"
            "[Color.Red, Color.Green, Size.Big, Deep.a, new User('u').get()]"
        )
        self.assertEqual(self.run_program(code).value, [0, "g", 7, 3, "u"])

    def test_a_script_and_a_module_are_told_apart_as_in_javascript(self):
        self.assertEqual(self.run_program("const f: string = __filename;\nf.slice(-8)").value, "/main.ts")
        self.assertEqual(self.run_program("import fs = require('fs');\ntypeof fs.readFileSync").value, "function")
        code = "const x: number = await 5;\nexport {}\n[typeof require, x]"
        self.assertEqual(self.run_program(code).value, ["undefined", 5])
        for syntax in (
            "import fs from 'fs'", "import type { A } from './a'", "import { type A } from './a'",
            "export interface A {}", "export type { A } from './a'",
        ):
            with self.subTest(syntax):
                self.assertEqual(self.run_program(f"{syntax}\n;[typeof require, this]").value[0], "undefined")
        code = "declare namespace A {\n  export const b: number\n}\n// import c\n;[typeof require as string]"
        self.assertEqual(self.run_program(code).value, ["function"])
        self.assertEqual(self.run_program("[typeof require as string]", entry="main.mts").value, ["undefined"])
        self.assertEqual(self.run_program("[typeof require as string]", entry="main.cts").value, ["function"])
        files = {"main.ts": "[typeof require as string]", "package.json": '{"type": "module"}'}
        self.assertEqual(self.run_program(files=files).value, ["undefined"])

    def test_the_program_reads_its_own_text_with_types(self):
        code = "const t: string = require('fs').readFileSync(__filename, 'utf8');\nt.includes(': string')"
        self.assertIs(self.run_program(code).value, True)
        code = (
            "import { readFileSync } from 'fs';\nconst t: string = readFileSync(new "
            "URL(import.meta.url), 'utf8');\nt.includes(': string')"
        )
        self.assertIs(self.run_program(code).value, True)

    def test_the_program_may_be_loaded_again_and_replace_what_reads_files(self):
        code = (
            "import fs from 'fs';\nimport { createRequire } from 'module';\nlet n: number = 5;\n"
            "if (import.meta.url.endsWith('.ts')) {\n  await null; setTimeout(async () => {\n"
            "    fs.readFileSync = (() => { throw 1 }) as any; const mine = fs.readFileSync\n"
            "    await import('./main.ts?again' as string)\n"
            "    console.log(createRequire(import.meta.url)('./other').a, fs.readFileSync === mine)\n  }, 1)\n}\nn"
        )
        result = self.run_program(files={"main.ts": code, "other.ts": "exports.a = 1 as number"})
        self.assertEqual((result.stdout, result.stderr, result.value), ("1 true\n", "", 5))

    def test_the_helpers_are_there(self):
        result = self.run_program("saveResult('n', (parameters.n as number) * 2)", parameters={"n": 4})
        self.assertEqual(result.results, {"n": 8})


class ModulesTest(TypeScriptTest):
    def output(self, files, entry="main.ts"):
        result = self.run_program(files=files, entry=entry)
        self.assertEqual((result.stderr, result.status), ("", 0))
        return result.stdout

    def test_modules_are_found_by_every_usual_name(self):
        files = {
            "main.ts": (
                "import { a, type Row } from './util.ts'\nimport { b } from './util'\nimport { c } from './util.js'\n"
                "import { d } from './lib'\nimport { e } from './plain.js'\nimport f from './f.mjs'\n"
                "const row: Row = { n: 6 }\nconsole.log(a, b, c, d, e, f, row.n, (await import('./util')).a)"
            ),
            "util.ts": "export interface Row { n: number }\nexport const a: number = 1, b = 2, c = 3",
            "lib/index.ts": "export const d: number = 4", "plain.js": "export const e = 5",
            "f.mts": "export default 'f' as string",
        }
        self.assertEqual(self.output(files), "1 2 3 4 5 f 6 1\n")

    def test_scripts_are_found_by_every_usual_name(self):
        files = {
            "main.ts": (
                "const a: any = [require('./util.ts'), require('./util'), require('./util.js'), "
                "require('./lib')];\nconsole.log(a[0] === a[1], a[1] === a[2], a[3].d)"
            ),
            "util.ts": "exports.a = 1 as number", "lib/index.ts": "exports.d = 4 as number",
        }
        self.assertEqual(self.output(files), "true true 4\n")

    def test_modules_and_scripts_meet(self):
        files = {
            "main.ts": "import s, { a } from './script.cts'\nimport { b } from './style'\nconsole.log(s.a, a, b)",
            "script.cts": "exports.a = 1 as number", "style.ts": "exports.b = 2 as number",
        }
        self.assertEqual(self.output(files), "1 1 2\n")
        files = {"main.cts": "console.log(require('./m').m)", "m.ts": "export const m: number = 1"}
        self.assertIn("1\n", self.run_program(files=files, entry="main.cts").stdout)

    def test_a_module_may_import_as_scripts_do(self):
        code = (
            "#!/usr/bin/env node\nimport a = require('./a.cjs')\nimport { b } from './b.mjs'\n"
            "console.log(a.x, b)\nnope(a)"
        )
        files = {"a.cts": "export = { x: 1 as number }", "b.mts": "export const b: number = 2"}
        for entry in ("main.mts", "main.ts"):
            with self.subTest(entry):
                result = self.run_program(code, files=files, entry=entry)
                self.assertEqual((result.stdout, result.error["line"]), ("1 2\n", 5))
                self.assertIn(f"{entry}:5\nnope(a)\n^\n", result.stderr)
        code = (
            "import { createRequire } from 'module'\nimport a = require('./a.cjs')\n"
            "const require = createRequire(import.meta.url)\nconsole.log(typeof a, typeof require)"
        )
        self.assertEqual(self.output({"main.mts": code, **files}, entry="main.mts"), "object function\n")

    def test_an_import_that_only_types_use_is_dropped(self):
        files = {
            "main.ts": (
                "import { User } from './types'\nimport Kind, { Other, make } from './both'\n"
                "import * as all from './types'\n"
                "import { type Gone } from './none'\nconst user: User & Other & all.User = make()\n"
                "console.log(user.User)\nlet k: Kind"
            ),
            "types.ts": "export interface User { User: number }",
            "both.ts": (
                "export interface Other {}\nexport const make = (): any => ({ User: 3 })\n"
                "export default interface Kind {}"
            ),
        }
        self.assertEqual(self.output(files), "3\n")

    def test_an_import_for_its_effects_stays(self):
        files = {"main.ts": "import './effect'\nlet a: number", "effect.ts": "console.log('seen' as string)"}
        self.assertEqual(self.output(files), "seen\n")

    def test_worker_threads_run_typescript(self):
        files = {
            "main.ts": (
                "import { Worker } from 'node:worker_threads'\n"
                "const w: Worker = new Worker(new URL('./w.ts', import.meta.url))\n"
                "w.on('message', (m: number) => console.log(m))"
            ),
            "w.ts": (
                "import { parentPort } from 'node:worker_threads'\nimport { a } from './a'\n"
                "parentPort!.postMessage(a as number)"
            ),
            "a.ts": "export const a: number = 5",
        }
        self.assertEqual(self.output(files), "5\n")


class ErrorsTest(TypeScriptTest):
    def test_an_error_is_shown_at_its_place_in_the_source(self):
        code = (
            "interface A { b: { c: number } }\nfunction read(a: A): number {\n  return (a as any).b.c\n"
            "}\nread({} as A)"
        )
        result = self.run_program(code)
        self.assertIn("/main.ts:3\n  return (a as any).b.c\n                      ^\n\nTypeError: ", result.stderr)
        self.assertIn("main.ts:3:23)\n", result.stderr)
        self.assertEqual(
            result.error["frames"],
            [
                {"file": "main.ts", "line": 5, "function": "<anonymous>", "source": "read({} as A)"},
                {"file": "main.ts", "line": 3, "function": "read", "source": "return (a as any).b.c"},
            ],
        )

    def test_an_error_in_a_file_that_was_written_anew_is_shown_at_its_place(self):
        files = {
            "main.ts": "import { check, Level } from './check'\n\ncheck(Level.High)",
            "check.ts": (
                "export enum Level { Low, High }\n\nexport function check(level: Level): void {\n"
                "  throw new RangeError(`level ${level}`)\n}"
            ),
        }
        result = self.run_program(files=files)
        self.assertIn("check.ts:4\n  throw new RangeError(`level ${level}`)\n", result.stderr)
        self.assertEqual(
            [(frame["file"], frame["line"], frame["source"]) for frame in result.error["frames"]],
            [("main.ts", 3, "check(Level.High)"), ("check.ts", 4, "throw new RangeError(`level ${level}`)")],
        )
        self.assertEqual((result.error["type"], result.error["line"]), ("RangeError", 4))

    def test_a_syntax_error_has_its_line_and_place(self):
        result = self.run_program("let a: number = 1;\nlet b: = 2;")
        self.assertIn("/main.ts:2\nlet b: = 2;\n       ^\n\nSyntaxError: Unexpected token `=`.", result.stderr)
        self.assertNotIn("runners", result.stderr)
        self.assertEqual((result.error["type"], result.error["line"], result.status), ("SyntaxError", 2, 1))
        files = {"main.ts": "import './x'", "x.ts": "export const a: number = 1;\nlet b: = 2"}
        error = self.run_program(files=files).error
        self.assertEqual((error["frames"][-1]["file"], error["line"]), ("x.ts", 2))

    def test_what_the_engine_refuses_is_shown_as_it_is_in_the_source(self):
        result = self.run_program("let a: number = 1;\nlet a: string = '';")
        self.assertIn((
            "/main.ts:2\nlet a: string = '';\n    ^\n\n"
            "SyntaxError: Identifier 'a' has already been declared\n"
        ), result.stderr)
        self.assertEqual(result.error["line"], 2)

    def test_what_the_engine_refuses_in_a_file_that_was_written_anew_is_too(self):
        decorated = "@((value: unknown) => {})\nclass A {}\nlet  a: number = 1\nlet  a: string = ''"
        for code in decorated, "enum A { B,\n  C }\nlet  a: number = 1\nlet  a: string = ''":
            for files in {"main.ts": code}, {"main.ts": "import './other'", "other.ts": f"{code}\nexport {{}}"}:
                with self.subTest(files):
                    result = self.run_program(files=files)
                    self.assertIn(".ts:4\nlet  a: string = ''\n     ^\n\nSyntaxError: Identifier 'a' ", result.stderr)
                    self.assertEqual(result.error["frames"][-1]["source"], "let  a: string = ''")
                    self.assertEqual(result.error["line"], 4)

    def test_a_module_that_is_not_there_is_node_s_error(self):
        result = self.run_program("import { a } from './none'\na")
        self.assertIn("Error [ERR_MODULE_NOT_FOUND]: Cannot find module ", result.stderr)
        self.assertNotIn("runners", result.stderr)


class CheckTest(TypeScriptTest):
    def checked(self, code):
        found = self.check(code)
        return found.status, found.stderr.replace(self.workspace, "")

    def test_correct_syntax_passes_and_types_are_not_looked_at(self):
        self.assertEqual(self.checked("enum A { B }\nconst x: string = 5 as any as number"), (0, ""))

    def test_a_mistake_is_shown_with_its_place(self):
        status, text = self.checked("let a: number;\nlet b: = 2")
        self.assertEqual(status, 1)
        self.assertTrue(text.startswith("/main.ts:2\nlet b: = 2\n       ^\n\nSyntaxError: Unexpected token `=`."), text)
        for code in "let a: number\n", "enum A { B }\n", "@((x: unknown) => {}) class A {}\n":
            status, text = self.checked(f"{code}\n\nlet b: number; let b: number")
            self.assertEqual(status, 1)
            self.assertIn(":4\nlet b: number; let b: number\n                   ^\n", text)
