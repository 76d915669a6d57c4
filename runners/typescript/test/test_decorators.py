"""Decorators: the standard ones, those before them where the program asks for these, and the places of their errors."""
from .test_program import TypeScriptTest

LEGACY = '{\n  // as most projects have it\n  "extends": "./base.json",\n}'
METADATA = '{"compilerOptions": {"experimentalDecorators": true, "emitDecoratorMetadata": true, "target": "es2017"}}'


class StandardTest(TypeScriptTest):
    def test_they_are_given_a_context_and_replace_what_they_decorate(self):
        code = (
            "function twice(method: any, context: ClassMethodDecoratorContext) {\n"
            "  context.addInitializer(function () { console.log('made', String(context.name)) })\n"
            "  return function (this: unknown, ...given: number[]) { return 2 * method.apply(this, given) }\n}\n"
            "const from = (start: number) => (_: unknown, { kind }: any) => () => kind === 'field' ? start : 0\n"
            "class Counter {\n  @from(5) count!: number\n  @from(1) static #seen = 0\n"
            "  @twice add(more: number): number { return this.count + more }\n  accessor step: number = 3\n}\n"
            "const counter = new Counter()\ncounter.add(1) + counter.step"
        )
        result = self.run_program(code, returnVariables=["counter"])
        self.assertEqual((result.stdout, result.stderr, result.value), ("made add\n", "", 15))
        self.assertEqual(result.variables["counter"]["$type"], "Counter")

    def test_a_module_stays_a_module_and_a_script_a_script(self):
        decorated = "@((value: unknown, context: unknown) => {}) class A {}\nconsole.log(typeof require)"
        self.assertEqual(self.run_program(decorated).stdout, "function\n")
        self.assertEqual(self.run_program(f"import type {{ B }} from './b'\n{decorated}").stdout, "undefined\n")

    def test_the_compiler_is_not_in_the_program_s_sight(self):
        code = (
            "@((value: unknown) => {}) class A {}\n"
            "const { _cache, _pathCache } = require('module') as any\n"
            "console.log(Object.keys(_cache).length, Object.values(_pathCache).filter((path) => path !== __filename))"
        )
        self.assertEqual(self.run_program(code).stdout, "1 []\n")


class LegacyTest(TypeScriptTest):
    def test_tsconfig_asks_for_them(self):
        files = {
            "main.ts": (
                "function mark(target: Function) { console.log(arguments.length, target.name) }\n"
                "import { b } from './lib/b'\nb as string\n@mark\nclass A {}\ninterface Last {}"
            ),
            "lib/b.ts": "function d(t: object, k: string, p: object) { console.log(k, typeof p) }\n"
            "export class B { @d m(): void {} }\nexport const b: string = 'b'",
            "tsconfig.json": LEGACY,
            "base.json": '{"compilerOptions": {"experimentalDecorators": true, "module": "NodeNext", "unknown": 1}}',
        }
        result = self.run_program(files=files)
        self.assertEqual((result.stdout, result.stderr), ("m object\n1 A\n", ""))
        self.assertEqual(result.of_type("value"), [])

    def test_a_parameter_that_has_one_asks_for_them(self):
        code = (
            "const seen: string[] = []\n"
            "const inject = (target: object, name: unknown, index: number) => { seen.push(`${name} ${index}`) }\n"
            "class A {\n  constructor(private readonly x: number, @inject y: number) {}\n"
            "  m(@inject z: number) { return this.x }\n}\n;[...seen, new A(4, 5).m(6)]"
        )
        self.assertEqual(self.run_program(code).value, ["m 0", "undefined 1", 4])

    def test_metadata_of_types_and_fields_by_assignment_are_as_tsconfig_says(self):
        code = (
            "Object.assign(Reflect, { metadata: (key: string, value: any) => (target: object, name: string) =>\n"
            "  console.log(key, name, value.name) })\n"
            "const stored = (target: object, name: string) => Object.defineProperty(target, name, {\n"
            "  set(value) { console.log('set', value) } })\n"
            "class A { @stored when: Date = null! }\nnew A()"
        )
        result = self.run_program(files={"main.ts": code, "tsconfig.json": METADATA})
        self.assertEqual((result.stdout, result.stderr), ("design:type when Date\nset null\n", ""))

    def test_a_mistake_in_tsconfig_is_shown_there(self):
        for text, message in {
            '{\n  "compilerOptions": { "experimentalDecorators": 5 } }': "requires a value of type boolean",
            '{\n  "compilerOptions": {': "'}' expected",
            '{\n  "extends": "./none.json" }': "none.json",
        }.items():
            with self.subTest(text):
                error = self.run_program(files={"main.ts": "@x class A {}", "tsconfig.json": text}).error
                self.assertEqual((error["type"], error["frames"][-1]["file"]), ("SyntaxError", "tsconfig.json"))
                self.assertIn(message, error["message"])


    def test_a_mistake_in_a_file_that_tsconfig_extends_is_shown_there(self):
        files = {"main.ts": "@x class A {}", "tsconfig.json": '{"extends": "./base.json"}', "base.json": '{"files": [], '}
        error = self.run_program(files=files).error
        self.assertEqual((error["type"], error["frames"][-1]["file"]), ("SyntaxError", "base.json"))


class DepthTest(TypeScriptTest):
    DECORATED = "const d = (value: any, context: any) => {}\n@d class A {}\n"

    def test_a_long_sum_is_no_deep_one(self):
        result = self.run_program(f"{self.DECORATED}const x: number = {'+'.join('1' * 5000)}\nconsole.log(x)")
        self.assertEqual((result.stdout, result.stderr), ("5000\n", ""))

    def test_what_is_nested_too_deep_is_a_mistake_of_the_program_s(self):
        for code in (f"const x: any = {'[' * 30_000}{']' * 30_000}", f"{self.DECORATED}x = {'[' * 9000}{']' * 9000}"):
            result = self.run_program(code)
            self.assertEqual(result.error["message"], "the file is nested too deep to be translated")
            self.assertNotIn(".cjs", result.stderr.replace("node:internal", ""))


class PlacesTest(TypeScriptTest):
    def blamed(self, code, **more):
        result = self.run_program(code, **more)
        frames = [(frame["line"], frame["function"]) for frame in result.error["frames"]]
        return result.stderr.replace(self.workspace, ""), frames

    def test_an_error_in_a_method_is_shown_at_its_place(self):
        code = (
            "enum Kind { A, B }\nfunction logged(method: any, context: unknown) { return method }\n\nclass Reader {\n"
            "  constructor(private readonly given: any) {}\n  @logged\n  read(): string {\n"
            "    return (this.given as any)[Kind.A].text\n  }\n}\n\nnew Reader([]).read()"
        )
        text, frames = self.blamed(code)
        line = "    return (this.given as any)[Kind.A].text"
        self.assertIn(f"/main.ts:8\n{line}\n{' ' * line.index('text')}^\n", text)
        self.assertIn(f"(/main.ts:8:{line.index('text') + 1})\n", text)
        self.assertEqual(frames, [(12, "<anonymous>"), (8, "Reader.read")])

    def test_an_error_in_a_decorator_shows_nothing_of_the_compiler_s_functions(self):
        code = (
            "function strict(value: any, context: unknown): void {\n  throw new RangeError('no')\n}\n\n"
            "class A {\n  @strict m(): void {}\n}"
        )
        for options, line in ({}, 6), ({"files": {"tsconfig.json": METADATA}}, 6):
            with self.subTest(options):
                text, frames = self.blamed(code, **options)
                self.assertIn("/main.ts:2\n  throw new RangeError('no')\n  ^\n", text)
                self.assertNotIn("ecorate", text)
                self.assertEqual((frames[-1][0], frames[-2][0]), (2, line))

    def test_an_error_in_the_compiler_s_functions_is_shown_where_they_are_needed(self):
        text, frames = self.blamed("// one\nconst wrong: any = () => 5\n\n@wrong\nclass A {}\n")
        self.assertTrue(text.startswith("/main.ts:5\nclass A {}\n^\n\nTypeError: Function expected\n"), text)
        self.assertEqual(frames[-1][0], 5)
