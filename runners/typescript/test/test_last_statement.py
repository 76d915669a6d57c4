"""A program that is JavaScript too fails in the same places as in plain Node; with types, at its own lines."""
from concurrent.futures import ThreadPoolExecutor

from javascript.test.test_as_node import NodePrograms, outcome
from testing.interpreters import Programs

from .test_program import TypeScriptTest

PROGRAMS = [
    "const x = 1;\nmian()",
    'import fs from "fs";\nimport path from "path";\n\nmian(1);',
    "new Array(-1)",
    "const x = 1; nope`x`",
    "'use strict'; // strictly\n\nlet x = 1; // one\nnew Foo()",
    "import fs from 'fs'; [fs].map((f) => f.a.b)",
    "1, nope()",
    "(() => { throw { a: 1 } })()",
    "const x = 1; Promise.reject(new Error('r'))",
    "const e = new RangeError('made before');\nif (e) throw e;\ne",
    "let a = 1; let b = a.b.c; b",
]

# source: the line that is shown, and where in it
TYPED = {
    "const x: number = 1;\n\nmian(x as any)": (3, "mian(x as any)", 1),
    "interface A { b: string }\nconst a = null as unknown as A;\n(a as A).b": (3, "(a as A).b", 10),
    "const f = (n: number): never => { throw new RangeError(`${n}`) }; f(1)": (
        1, "const f = (n: number): never => { throw new RangeError(`${n}`) }; f(1)", 35,
    ),
    "enum A { B }\nconst x: A = A.B; nope(x as A)": (2, "const x: A = A.B; nope(x as A)", 19),
    "enum A { B }\n\nnope(A.B as number)": (3, "nope(A.B as number)", 1),
}


class NamedAsTypeScript(Programs):
    language = TypeScriptTest.language


class LastStatementTest(TypeScriptTest):
    def test_a_program_without_types_prints_what_plain_node_prints(self):
        def both(code):
            plain, run = NodePrograms(), NamedAsTypeScript()
            for programs in (plain, run):
                programs.make_folders(self.addCleanup)
            expected = outcome(plain.run_plain(code), plain.workspace)
            result = run.run_program(code)
            found = outcome(result, run.workspace)
            self.assertNotIn("__glovebox__", str(result.messages))
            return code, expected, {**found, "stderr": found["stderr"].replace("main.ts", "main.js")}

        with ThreadPoolExecutor(2) as pool:
            for code, expected, found in pool.map(both, PROGRAMS):
                with self.subTest(code):
                    self.assertEqual(found, expected)

    def test_a_program_with_types_shows_the_line_as_it_is_written(self):
        for code, (line, source, column) in TYPED.items():
            with self.subTest(code):
                result = self.run_program(code)
                self.assertIn(f"main.ts:{line}\n{source}\n{' ' * (column - 1)}^\n", result.stderr)
                frame = result.error["frames"][-1]
                self.assertEqual((frame["line"], frame["source"], result.error["line"]), (line, source, line))
