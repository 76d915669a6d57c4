import os
import unittest

from testing.compiled import CompilerTest
from testing.manifest import Language

GREETING = '#include <stdio.h>\nint main(void) { puts("hello"); return 0; }\n'


class CTest(CompilerTest):
    language = Language("c")


class Programs(CTest):
    def test_a_program_gets_its_arguments_and_its_input(self):
        program = """#include <stdio.h>
int main(int count, char **words) {
    int c;
    for (int n = 1; n < count; n++) printf("[%s]", words[n]);
    while ((c = getchar()) != EOF) putchar(c);
    return 3;
}
"""
        ended = self.run_program(program, "a b", "", "-c", stdin=b"input\n")
        self.assertEqual((ended.status, ended.stdout), (3, "[a b][][-c]input\n"))

    def test_functions_of_linux_and_of_mathematics_are_there(self):
        program = """#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
int main(int count, char **words) {
    printf("%.3f %s %d\\n", sqrt(M_PI * count), strdup(words[1]), getpid() > 0);
    return 0;
}
"""
        self.assertEqual(self.run_program(program, "x").stdout, "2.507 x 1\n")

    def test_all_source_files_make_one_program(self):
        files = {
            "main.c": '#include "shape.h"\n#include "src/name.h"\n#include <stdio.h>\n'
            'int main(void) { printf("%s %d\\n", name(), area(2)); return 0; }\n',
            "src/name.c": '#include "name.h"\nconst char *name(void) { return __FILE__; }\n',
            "src/name.h": "const char *name(void);\n",
            "shapes/area.c": '#include "shape.h"\nint area(int side) { return side * side; }\n',
            "include/shape.h": "int area(int side);\n",
        }
        self.assertEqual(self.run_program(files).stdout, "src/name.c 4\n")

    def test_the_entry_may_be_in_a_folder_and_have_any_name(self):
        self.assertEqual(self.run_program({"src/a program [1].txt": GREETING}).stdout, "hello\n")

    def test_a_name_is_never_an_option(self):
        files = {"-main.c": GREETING.replace("puts", "other(); puts"), "@other.c": "void other(void) {}\n"}
        compiled = self.compile(files)
        self.assertIn("warning: implicit declaration", compiled.stderr)
        self.assertEqual(self.run_product().stdout, "hello\n")

    def test_a_name_of_several_lines_is_no_list_of_options(self):
        compiled = self.compile({"main.c": GREETING, "x.c\n-fplugin=evil.c\ny.c": "nonsense"})
        self.assertEqual(compiled.stderr, "")
        self.assertEqual(self.run_product().stdout, "hello\n")

    def test_the_same_source_makes_the_same_product(self):
        products = []
        for _ in range(2):
            self.compile({"main.c": GREETING.replace("puts", "f(); puts"), "f.c": "void f(void) {}\n"})
            products.append(self.product_files())
        self.assertEqual(list(products[0]), ["program"])
        self.assertEqual(*products)


class Output(CTest):
    """Comes line by line although stdout is a pipe."""

    def test_lines_are_there_when_the_program_crashes(self):
        program = """#include <signal.h>
#include <stdio.h>
int main(void) {
    printf("line\\nmore");
    raise(SIGKILL);
}
"""
        ended = self.run_program(program)
        self.assertEqual((ended.status, ended.stdout), (-9, "line\n"))
        self.assertEqual(self.compile(program, warm="/nonexistent").stderr, "")
        self.assertEqual(self.run_product().stdout, "line\n")

    def test_those_of_constructors_are_too(self):
        program = """#include <signal.h>
#include <stdio.h>
__attribute__((constructor(101))) static void early(void) { puts("early"); raise(SIGKILL); }
int main(void) { return 0; }
"""
        self.assertEqual(self.run_program(program).stdout, "early\n")

    def test_a_program_may_buffer_as_it_likes(self):
        program = """#include <signal.h>
#include <stdio.h>
int main(void) {
    setvbuf(stdout, NULL, _IOFBF, BUFSIZ);
    puts("line");
    raise(SIGKILL);
}
"""
        self.assertEqual(self.run_program(program).stdout, "")


class Messages(CTest):
    def test_an_error_has_the_line_of_the_users_file(self):
        compiled = self.compile({"main.c": GREETING, "src/f.c": "int f(void) {\n  return missing;\n}\n"})
        self.assertNotEqual(compiled.status, 0)
        self.assert_error(compiled, type="CompileError")
        self.assert_error(compiled, file="src/f.c", line=2)
        self.assertIn("missing", compiled.error["message"])

    def test_a_header_that_is_not_there_is_an_error_of_its_line(self):
        compiled = self.compile('#include <stdio.h>\n#include "none.h"\nint main(void) { return 0; }\n')
        self.assert_error(compiled, line=2, message="none.h: No such file or directory")

    def test_a_warning_is_shown_and_is_no_error(self):
        compiled = self.compile("int main(void) {\n  int number = \"1\";\n  return 0;\n}\n")
        self.assertEqual((compiled.status, compiled.error), (0, None))
        self.assertIn("main.c:2:16: warning: initialization of", compiled.stderr)

    def test_what_a_compiler_does_not_warn_of_by_itself_is_shown_on_request(self):
        program = "int main(int count, char **words) {\n  int unused;\n  return 0;\n}\n"
        self.assertEqual(self.compile(program).stderr, "")
        compiled = self.compile(program, options=["-Wall", "-Wextra"])
        self.assertEqual((compiled.status, compiled.error), (0, None))
        self.assertIn("main.c:2:7: warning: unused variable", compiled.stderr)
        self.assertIn("main.c:1:14: warning: unused parameter", compiled.stderr)

    def test_what_is_missing_when_linking_is_named(self):
        compiled = self.compile("int missing(void);\nint main(void) { return missing(); }\n")
        self.assertNotEqual(compiled.status, 0)
        self.assert_error(compiled, type="LinkError", file="main.c")
        self.assert_error(compiled, message="undefined reference to `missing'")

    def test_a_program_without_main_does_not_link(self):
        self.assertEqual(self.compile("int f(void) { return 0; }\n").error["message"], "undefined reference to `main'")

    def test_two_files_with_a_main_do_not_link(self):
        compiled = self.compile({"a.c": GREETING, "b.c": GREETING})
        self.assert_error(compiled, type="LinkError", file="b.c")
        self.assert_error(
            compiled, message="multiple definition of `main'; a.c:(.text.startup+0x0): first defined here"
        )

    def test_messages_of_the_linker_name_the_sources(self):
        compiled = self.compile({
            "main.c": 'int a = 1;\nint main(void) { int unused; return a; }\n',
            "src/f.c": "int a = 2;\nint missing(void);\nint f(void) { return missing(); }\n",
        }, options=["-Wunused-variable"])
        self.assertIn("main.c:2:22: warning: unused variable", compiled.stderr)
        self.assertEqual(compiled.stderr.count("unused variable"), 1)
        self.assertIn("ld: src/f.c:(.data+0x0): multiple definition of `a'; main.c:(.data+0x0): first", compiled.stderr)
        self.assertRegex(
            compiled.stderr, r"ld: src/f\.c: in function `f':\nsrc/f\.c:\(\.text\+0x\d+\): undefined reference"
        )
        self.assertNotIn(".o", compiled.stderr)

    def test_a_failed_assertion_has_its_line(self):
        ended = self.run_program("#include <assert.h>\nint main(int n, char **w) {\n  (void)w;\n  assert(n == 2);\n}\n")
        self.assertEqual(ended.status, -6)
        self.assert_error(ended, type="AssertionError", file="main.c", line=4)
        self.assert_error(ended, message="main: Assertion `n == 2' failed.")

    def test_a_heap_that_the_c_library_finds_broken_is_an_error(self):
        program = """#include <stdlib.h>
int main(void) {
    void *volatile p = malloc(40);
    free(p);
    free(p);
}
"""
        self.compile(program)
        ended = self.run_product()
        self.assertEqual(ended.status, -6)
        self.assert_error(ended, type="Aborted", message="free(): double free detected in tcache 2")


class Options(CTest):
    """Of a request: words for the compiler behind those of the script."""

    def test_the_standard_the_optimization_and_macros_are_those_asked_for(self):
        program = '#include <stdio.h>\nint main(void) { printf("%ld %d %s", __STDC_VERSION__, OPTIMIZED, NAME); }\n'
        program = program.replace("OPTIMIZED", "2 * N +\n#ifdef __OPTIMIZE__\n1\n#else\n0\n#endif\n")
        for options, printed in (
            (["-std=c11", "-O3", "-DN=2", '-DNAME="x"'], "201112 5 x"),
            (["-std=gnu99", "-O0", "-DN=1", "-UN", "-DN=3", '-DNAME="y"'], "199901 6 y"),
        ):
            with self.subTest(options):
                self.assertEqual(self.run_program(program, compile_options=options).stdout, printed)

    def test_a_value_is_one_word_whatever_is_in_it(self):
        program = "#include <stdio.h>\nint main(void) { puts(TEXT); }\n"
        for text in ("a  b", "$(touch made) `touch made` $HOME", "* ? [a-z]", "it's; -o x", "-fplugin=evil.so", "@x"):
            with self.subTest(text):
                ended = self.run_program(program, compile_options=[f'-DTEXT="{text}"'])
                self.assertEqual(ended.stdout, f"{text}\n")
        self.assertEqual(os.listdir(self.workspace), ["main.c"])

    def test_they_are_for_each_of_several_files_and_for_the_linker(self):
        files = {
            "main.c": '#include <stdio.h>\nint f(void);\nint main(void) { printf("%d %d", N, f()); return 0; }\n',
            "src/f.c": "#include <math.h>\nint f(void) { volatile double n = N; return (int) sqrt(n); }\n",
        }
        for options in (["-DN=9", "-lm"], ["-lm", "-DN=9", "-static"], ["-DN=9", "-fopenmp", "-flto"]):
            with self.subTest(options):
                self.assertEqual(self.run_program(files, compile_options=options).stdout, "9 3")

    def test_the_part_of_all_programs_is_compiled_without_them(self):
        for warm in (None, "/nonexistent"):
            with self.subTest(warm):
                compiled = self.compile(GREETING, warm=warm, options=["-std=c90", "-pedantic", "-Wall", "-Wextra", "-Werror"])
                self.assertEqual((compiled.status, compiled.stderr), (0, ""))
                self.assertEqual(self.run_product().stdout, "hello\n")

    def test_an_undefined_behaviour_is_told_on_request(self):
        program = "#include <limits.h>\nint main(int count, char **words) {\n  count += INT_MAX;\n  return count > 0;\n}\n"
        ended = self.run_program(program, compile_options=["-fsanitize=undefined"])
        self.assertIn("main.c:3:9: runtime error: signed integer overflow", ended.stderr)


class Check(CTest):
    def test_a_correct_file_passes_and_a_wrong_one_does_not(self):
        self.write_files({"right.c": GREETING, "wrong.c": "int main(void) { return 0 }\n"})
        self.assertEqual((self.check("right.c"), self.check("wrong.c")), (0, 1))


if __name__ == "__main__":
    unittest.main()
