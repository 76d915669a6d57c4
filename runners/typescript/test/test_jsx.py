"""JSX: which functions it calls, in modules and scripts, and where its errors are."""
from .test_program import TypeScriptTest

RUNTIME = (
    "export const Fragment = 'all'\n"
    "export function jsx(type: any, props: object): any {\n"
    "  return typeof type === 'function' ? type(props) : [type, props]\n}\nexport { jsx as jsxs }\n"
)
PACKAGE = {
    "node_modules/{0}/package.json": '{"exports": {"./jsx-runtime": "./runtime.js"}}',
    "node_modules/{0}/runtime.js": "exports.jsx = (type, props) => '{0} ' + type",
}
PRINTS = "console.log(<b/>, typeof require)"


def package(name):
    return {path.replace("{0}", name): text.replace("{0}", name) for path, text in PACKAGE.items()}


class RuntimeTest(TypeScriptTest):
    def output(self, files, entry="main.tsx"):
        result = self.run_program(files=files, entry=entry)
        self.assertEqual(result.stderr, "")
        return result.stdout

    def test_a_module_of_the_program_is_called_by_modules_and_scripts(self):
        code = (
            "const Item = ({ n }: { n: number }) => <b>{n}</b>\n"
            "console.log(JSON.stringify(<><Item n={4} /> text</>), typeof require)"
        )
        shown = '["all",{"children":[["b",{"children":4}]," text"]}]'
        for start, kind in ("export {}\n", "undefined"), ("", "function"):
            files = {"src/main.tsx": start + code, "jsx-runtime.ts": RUNTIME}
            with self.subTest(kind):
                self.assertEqual(self.output(files, "src/main.tsx"), f"{shown} {kind}\n")
        files = {"js/main.tsx": f"import './a'\n{PRINTS}", "js/a.tsx": "", "js/jsx-runtime.js": "exports.jsx = String"}
        self.assertEqual(self.output(files, "js/main.tsx"), "b undefined\n")

    def test_a_comment_names_a_function_or_a_package(self):
        code = f"/** @jsx h */\nimport {{ h }} from './h'\n{PRINTS}"
        files = {"main.tsx": code, "h.ts": "export const h = (n: any) => n", "jsx-runtime.ts": RUNTIME}
        self.assertEqual(self.output(files), "b undefined\n")
        files = {"main.tsx": f"/** @jsxImportSource small */\n{PRINTS}", "jsx-runtime.ts": RUNTIME, **package("small")}
        self.assertEqual(self.output(files), "small b function\n")

    def test_tsconfig_names_a_function_or_a_package(self):
        factory = '{"compilerOptions": {"jsx": "react", "jsxFactory": "h"}}'
        files = {"main.tsx": f"const h = (name: string) => name\n{PRINTS}", "tsconfig.json": factory}
        self.assertEqual(self.output(files), "b function\n")
        source = '{"compilerOptions": {"jsx": "preserve", "jsxImportSource": "@a/small"}}'
        files = {"main.tsx": PRINTS, "tsconfig.json": source, **package("@a/small")}
        self.assertEqual(self.output(files), "@a/small b function\n")
        files = {**files, "main.tsx": f"/** @jsx h */\nconst h = (name: string) => name\n{PRINTS}"}
        self.assertEqual(self.output(files), "b function\n")

    def test_react_is_taken_if_it_is_installed_or_a_variable(self):
        files = {"main.tsx": f"const React = {{ createElement: (name: string) => name }}\n{PRINTS}"}
        self.assertEqual(self.output(files), "b function\n")
        self.assertEqual(self.output({"main.tsx": PRINTS, **package("react")}), "react b function\n")

    def test_without_any_the_error_says_what_to_give(self):
        named = f"/** @jsxImportSource small */\n{PRINTS}"
        for code, part in (PRINTS, "add a file jsx-runtime.ts"), (named, "no package 'small'"):
            with self.subTest(part):
                result = self.run_program(code, entry="main.tsx")
                self.assertEqual((result.error["type"], result.status), ("SyntaxError", 1))
                self.assertIn(part, result.error["message"])
                self.assertIn("<b/>", result.error["frames"][-1]["source"])

    def test_a_file_with_jsx_may_be_javascript_and_one_without_is_as_any_other(self):
        code = "/** @jsx h */\nconst h = (name) => name\nexport default <i/>"
        files = {"main.ts": "import i from './i'\nimport { T } from './t.js'\nconsole.log(i, T)", "i.jsx": code}
        files["t.tsx"] = "export const T = (<X,>(x: X): X => x)(1)"
        self.assertEqual(self.output(files, "main.ts"), "i 1\n")


class PlacesTest(TypeScriptTest):
    def test_an_error_is_shown_at_its_place(self):
        code = (
            "/** @jsx h */\nconst h = (...given: any[]) => given\nenum Kind { A }\nfunction Page(props: { a: any }) {\n"
            "  return <ul>\n    <li class={Kind.A}>\n      {props.a.b.c}\n    </li>\n  </ul>\n}\nPage({ a: {} })"
        )
        result = self.run_program(code, entry="main.tsx")
        self.assertIn("/main.tsx:7\n      {props.a.b.c}\n                 ^\n", result.stderr)
        self.assertEqual([frame["line"] for frame in result.error["frames"]], [11, 7])

    def test_a_mistake_is_shown_at_its_place(self):
        result = self.run_program("const a: number = 1\nconst b = <div>\n  </span>", entry="main.tsx")
        self.assertEqual((result.error["type"], result.error["line"]), ("SyntaxError", 3))
        self.assertIn("SyntaxError: Expected corresponding JSX closing tag for 'div'.\n", result.stderr)

    def test_a_runtime_that_lacks_a_function_is_blamed_on_the_first_element(self):
        files = {"main.tsx": "export {}\n\nconst b = <b><i/><i/></b>", "jsx-runtime.ts": "export const jsx = 1"}
        result = self.run_program(files=files, entry="main.tsx")
        self.assertEqual((result.error["line"], result.error["frames"][-1]["source"]), (3, "const b = <b><i/><i/></b>"))
        self.assertIn("does not provide an export named 'jsxs'", result.stderr)
