import unittest

from testing.compiled import CompilerTest
from testing.errors import read_error
from testing.manifest import Language

GREETING = 'fn main() {\n    println!("hello");\n}\n'


class RustTest(CompilerTest):
    language = Language("rust")


class Programs(RustTest):
    def test_a_program_gets_its_arguments_and_its_input(self):
        program = """use std::io::Read;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let mut input = String::new();
    std::io::stdin().read_to_string(&mut input).unwrap();
    print!("{words:?} {input}");
    std::process::exit(3);
}
"""
        ended = self.run_program(program, "a b", "", "-c", stdin=b"input\n")
        self.assertEqual((ended.status, ended.stdout), (3, '["a b", "", "-c"] input\n'))

    def test_modules_are_in_files_of_their_own(self):
        files = {
            "src/main.rs": 'mod price;\nmod shop;\nfn main() { println!("{}", shop::total(&[1, 2])); }\n',
            "src/price.rs": "pub fn of(count: u32) -> u32 { 3 * count }\n",
            "src/shop/mod.rs": "pub mod sum;\npub use sum::total;\n",
            "src/shop/sum.rs": "pub fn total(counts: &[u32]) -> u32 {\n"
            "    counts.iter().map(|n| crate::price::of(*n)).sum()\n}\n",
            "other.rs": "fn main() {}\n",
        }
        self.assertEqual(self.run_program(files).stdout, "9\n")

    def test_the_entry_may_have_any_name(self):
        for name in ("1 program.rs", "a-b.rs", "é.rs", "-c.rs", "program.txt"):
            with self.subTest(name):
                self.assertEqual(self.run_program({name: GREETING}, entry=name).stdout, "hello\n")

    def test_the_crate_is_called_as_its_file(self):
        self.assertEqual(self.run_program({"a-b.rs": "fn main() { print!(module_path!()); }\n"}).stdout, "a_b")

    def test_files_can_be_included(self):
        files = {"main.rs": 'fn main() { print!("{}", include_str!("a.txt")); }\n', "a.txt": "text\n"}
        self.assertEqual(self.run_program(files).stdout, "text\n")

    def test_the_same_source_makes_the_same_product(self):
        products = []
        for _ in range(2):
            self.compile(GREETING)
            products.append(self.product_files())
        self.assertEqual(list(products[0]), ["program"])
        self.assertEqual(*products)


class Checks(RustTest):
    """A program means what it means to the plain compiler."""

    def test_an_overflow_is_a_panic(self):
        program = "fn main() {\n    let n = std::env::args().count() as u8;\n    println!(\"{}\", n + 255);\n}\n"
        ended = self.run_program(program)
        self.assertEqual(ended.status, 101)
        self.assert_error(ended, message="attempt to add with overflow", line=3)

    def test_assertions_for_debugging_are_checked(self):
        self.assertEqual(self.run_program("fn main() {\n    debug_assert!(1 + 1 == 3);\n}\n").status, 101)

    def test_a_panic_unwinds_and_can_be_caught(self):
        program = 'fn main() {\n    println!("{}", std::panic::catch_unwind(|| panic!("no")).is_err());\n}\n'
        self.assertEqual(self.run_program(program).stdout, "true\n")


class Messages(RustTest):
    def test_an_error_has_the_line_of_the_users_file(self):
        compiled = self.compile({"main.rs": "mod f;\nfn main() {}\n", "f.rs": "pub fn f() -> u8 {\n    missing\n}\n"})
        self.assertNotEqual(compiled.status, 0)
        self.assert_error(compiled, type="CompileError", file="f.rs", line=2)
        self.assert_error(compiled, message="cannot find value `missing` in this scope")

    def test_a_warning_is_shown_and_is_no_error(self):
        compiled = self.compile("fn main() {\n    let unused = 1;\n}\n")
        self.assertEqual((compiled.status, compiled.error), (0, None))
        self.assertIn("warning: unused variable: `unused`", compiled.stderr)

    def test_a_program_without_main_is_an_error(self):
        self.assertIn("`main` function not found", self.compile("fn f() {}\n").error["message"])

    def test_a_panic_has_its_text_and_line(self):
        ended = self.run_program('fn main() {\n    panic!("it\'s: {}", \'a\');\n}\n')
        self.assertEqual(ended.status, 101)
        self.assert_error(ended, type="panic", message="it's: a")
        self.assert_error(ended, file="main.rs", line=2)

    def test_a_panic_of_several_lines_has_all_of_them(self):
        ended = self.run_program("fn main() {\n    assert_eq!(1 + 1, 3);\n}\n")
        self.assertRegex(ended.error["message"], r"left: `?2`?,?\n +right: `?3")
        self.assert_error(ended, line=2)

    def test_a_panic_of_a_newer_compiler_is_read_too(self):
        for thread in ("'main'", "'main' (4711)"):
            text = f"\nthread {thread} panicked at src/main.rs:7:5:\nno: such\nnote: run with `RUST_BACKTRACE=1`\n"
            error = read_error(self.language, "run", text)
            self.assertEqual((error["message"], error["file"], error["line"]), ("no: such", "src/main.rs", 7))

    def test_a_backtrace_that_is_asked_for_has_the_frames_of_the_program(self):
        files = {
            "main.rs": "mod shop;\n\nfn main() {\n    let n = std::env::args().count();\n    shop::price(n);\n}\n",
            "shop.rs": "#[inline(never)]\npub fn price(n: usize) -> u8 {\n    [1, 2][..n][n]\n}\n",
        }
        plain = self.run_program(files)
        self.assertEqual((plain.status, plain.error["frames"]), (101, []))
        self.assertEqual(plain.stderr.splitlines(), [
            "thread 'main' panicked at 'index out of bounds: the len is 1 but the index is 1', shop.rs:3:5",
            "note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace",
        ])
        for wanted, folder in (("1", "./"), ("full", "/workspace/")):
            ended = self.run_product(env={"RUST_BACKTRACE": wanted})
            self.assert_error(ended, file="shop.rs", line=3)
            frames = [frame for frame in ended.error["frames"] if not frame[0].startswith("/usr/src/")]
            self.assertEqual(
                frames, [(f"{folder}shop.rs", 3, "main::shop::price"), (f"{folder}main.rs", 5, "main::main")]
            )

    def test_an_error_that_main_returns_is_named(self):
        ended = self.run_program('fn main() -> Result<(), String> {\n    Err("no: such".into())\n}\n')
        self.assertEqual((ended.status, ended.error["type"], ended.error["message"]), (1, "Error", '"no: such"'))

    def test_a_stack_that_overflows_is_named(self):
        program = """fn deep(n: u64) -> u64 {
    if n == 0 { 0 } else { 1 + deep(n + std::env::args().count() as u64) }
}

fn main() {
    println!("{}", deep(1));
}
"""
        ended = self.run_program(program)
        self.assertEqual((ended.status, ended.error["message"]), (-6, "stack overflow"))


class Options(RustTest):
    """Of a request: words for the compiler behind those of the script."""

    def test_they_replace_those_of_the_script(self):
        program = """fn main() {
    let async = [255u8, std::env::args().count() as u8];
    println!("{} {} {}", cfg!(debug_assertions), async[0] + async[1], cfg!(name = "a  b $(id)"));
}
"""
        options = ["--edition", "2015", "-C", "debug-assertions=off", "-Cdebuginfo=0", "-O", "--cfg", 'name="a  b $(id)"']
        self.assertEqual(self.run_program(program, compile_options=options).stdout, "false 0 true\n")
        self.assertIn("async", self.compile(program, options=["-Ccodegen-units=1"]).error["message"])

    def test_lints_are_what_they_say(self):
        program = "fn main() {\n    let unused = 1;\n}\n"
        self.assertIn("warning: unused variable", self.compile(program).stderr)
        self.assertEqual(self.compile(program, options=["-A", "unused_variables"]).stderr, "")
        self.assert_error(self.compile(program, options=["-Dwarnings"]), type="CompileError", line=2)


class WarmFiles(RustTest):
    def test_without_any_a_program_compiles(self):
        self.assertEqual(self.compile(GREETING, warm="/nonexistent").status, 0)
        self.assertEqual(self.run_product().stdout, "hello\n")


class Check(RustTest):
    def test_a_correct_file_passes_and_a_wrong_one_does_not(self):
        self.write_files({"right.rs": GREETING, "wrong.rs": "fn main() {\n"})
        self.assertEqual((self.check("right.rs"), self.check("wrong.rs")), (0, 1))


if __name__ == "__main__":
    unittest.main()
