import os
import shutil
import unittest

from testing.compiled import CompilerTest
from testing.folders import temporary_folder
from testing.manifest import Language

GREETING = '#include <iostream>\nint main() { std::cout << "hello\\n"; }\n'


class CppTest(CompilerTest):
    language = Language("cpp")


class Programs(CppTest):
    def test_a_program_gets_its_arguments_and_its_input(self):
        program = """#include <iostream>
#include <string>
int main(int count, char **words) {
    for (int n = 1; n < count; n++) std::cout << '[' << words[n] << ']';
    for (std::string line; std::getline(std::cin, line);) std::cout << line;
    return 3;
}
"""
        ended = self.run_program(program, "a b", "", "-c", stdin=b"input\n")
        self.assertEqual((ended.status, ended.stdout), (3, "[a b][][-c]input"))

    def test_the_language_is_that_of_2020_with_threads(self):
        program = """#include <concepts>
#include <iostream>
#include <ranges>
#include <thread>
#include <vector>
template <std::integral T> T twice(T n) { return 2 * n; }
int main() {
    int sum = 0;
    std::thread worker([&] { for (int n : std::vector{1, 2, 3} | std::views::transform(twice<int>)) sum += n; });
    worker.join();
    std::cout << sum;
}
"""
        self.assertEqual(self.run_program(program).stdout, "12")

    def test_all_source_files_make_one_program(self):
        files = {
            "main.cpp": '#include <iostream>\n#include "shape.hpp"\n#include "src/name.h"\n'
            'int main() { std::cout << name() << area(2) << "\\n"; }\n',
            "src/name.cc": '#include "name.h"\n#include <string>\nstd::string name() { return __FILE__; }\n',
            "src/name.h": "#include <string>\nstd::string name();\n",
            "shapes/area.cxx": '#include "shape.hpp"\nint area(int side) { return side * side; }\n',
            "include/shape.hpp": "int area(int side);\n",
        }
        self.assertEqual(self.run_program(files).stdout, "src/name.cc4\n")

    def test_the_entry_comes_first_so_that_its_objects_are_made_first(self):
        maker = '#include <iostream>\nstatic struct T {{ T() {{ std::cout << "{}"; }} }} t;\n'
        files = {"main.cpp": maker.format("main ") + "int main() {}\n", "a.cpp": maker.format("a ")}
        for count in range(10):
            files[f"b{count}.cpp"] = maker.format(count)
        self.assertEqual(self.run_program(files).stdout, "main a 0123456789")

    def test_a_name_is_never_an_option(self):
        files = {"-main.cc": "void other();\n" + GREETING.replace("std", "other(); std"), "@o.cc": "void other() {}\n"}
        self.assertEqual(self.run_program(files).stdout, "hello\n")

    def test_a_name_of_several_lines_is_no_list_of_options(self):
        compiled = self.compile({"main.cpp": GREETING, "x.cpp\n-fplugin=evil.cpp\ny.cpp": "nonsense"})
        self.assertEqual(compiled.stderr, "")
        self.assertEqual(self.run_product().stdout, "hello\n")

    def test_the_same_source_makes_the_same_product(self):
        products = []
        for _ in range(2):
            self.compile({"main.cpp": GREETING, "f.cpp": "namespace { int n = 1; } int f() { return n; }\n"})
            products.append(self.product_files())
        self.assertEqual(list(products[0]), ["program"])
        self.assertEqual(*products)


class Output(CppTest):
    """Comes line by line although stdout is a pipe."""

    def test_lines_are_there_when_the_program_crashes(self):
        program = """#include <csignal>
#include <iostream>
struct Early { Early() { std::cout << "early\\n"; } } early;
int main() {
    std::cout << "line " << 1 << "\\n" << "more";
    std::raise(SIGKILL);
}
"""
        ended = self.run_program(program)
        self.assertEqual((ended.status, ended.stdout), (-9, "early\nline 1\n"))
        self.assertEqual(self.compile(program, warm="/nonexistent").stderr, "")
        self.assertEqual(self.run_product().stdout, "early\nline 1\n")

    def test_a_program_may_buffer_as_it_likes(self):
        program = """#include <csignal>
#include <iostream>
int main() {
    std::ios::sync_with_stdio(false);
    std::cout << "line\\n";
    std::raise(SIGKILL);
}
"""
        self.assertEqual(self.run_program(program).stdout, "")


class ReadyHeaders(CppTest):
    """Headers that were read ahead of time are taken when the program begins with them, and only then."""

    @classmethod
    def setUpClass(cls):
        # The text of a header is read only where what was made of it is not taken.
        folder = temporary_folder(cls.addClassCleanup)
        cls.marked = shutil.copytree(cls.warm_files(), os.path.join(folder, "marked"))
        for name in ("iostream.h", "everything.h"):
            with open(os.path.join(cls.marked, name), "w", encoding="ascii") as file:
                file.write("#error the text was read\n")
        cls.spoilt = shutil.copytree(cls.marked, os.path.join(folder, "spoilt"))
        open(os.path.join(cls.spoilt, "iostream.h.gch"), "wb").close()

    def is_taken(self, program, options=()):
        """Whether a compilation looks for the header, which is spoilt."""
        return "the text was read" in self.compile(program, warm=self.spoilt, options=options).stderr

    def test_iostream_is_taken_ready(self):
        self.assertEqual(self.compile(GREETING, warm=self.marked).stderr, "")
        self.assertEqual(self.run_product().stdout, "hello\n")

    def test_the_header_of_everything_is_taken_ready(self):
        program = "#include <bits/stdc++.h>\nint main() { std::cout << std::vector{1, 2}.size(); }\n"
        self.assertEqual(self.compile(program, warm=self.marked).stderr, "")
        self.assertEqual(self.run_product().stdout, "2")

    def test_they_are_taken_with_options_that_do_not_change_them(self):
        for options in (["-Wall", "-Wextra", "-lm"], ["-w"]):
            with self.subTest(options):
                self.assertTrue(self.is_taken(GREETING, options))
                self.assertEqual(self.compile(GREETING, warm=self.marked, options=options).stderr, "")
                self.assertEqual(self.run_product().stdout, "hello\n")

    def test_they_are_not_taken_with_others(self):
        for options in (["-O3"], ["-g", "-Wall"], ["-Wall", "-DX=1"], ["-lm", "-mavx2", "-w"], ["-static"]):
            with self.subTest(options):
                self.assertFalse(self.is_taken(GREETING, options))

    def test_one_that_does_not_fit_the_compiler_is_read_as_text(self):
        with open(os.path.join(self.spoilt, "iostream.h"), "w", encoding="ascii") as file:
            file.write("#include <iostream>\n")
        compiled = self.compile(GREETING, warm=self.spoilt)
        self.assertEqual((compiled.status, compiled.stderr), (0, ""))
        with open(os.path.join(self.spoilt, "iostream.h"), "w", encoding="ascii") as file:
            file.write("#error the text was read\n")

    def test_without_any_a_program_compiles(self):
        self.assertEqual(self.compile(GREETING, warm="/nonexistent").stderr, "")
        everything = GREETING.replace("iostream", "bits/stdc++.h")
        self.assertEqual(self.compile(everything, warm="/nonexistent").stderr, "")

    def test_the_order_of_leading_headers_does_not_matter(self):
        main = "int main() {}\n"
        for begin in (
            "#include <iostream>\n",
            "#include<iostream>\n",
            "\n// a comment\n  #include <iostream> // more\n",
            "#include <vector>\n#include <map>\n\n#include <iostream>\n#include <string>\n",
        ):
            with self.subTest(begin):
                self.assertTrue(self.is_taken(begin + main))

    def test_a_header_behind_anything_else_is_not_taken(self):
        main = "int main() {}\n"
        for begin in (
            "#define _GLIBCXX_ASSERTIONS\n#include <iostream>\n",
            "int n;\n#include <iostream>\n",
            '#include "own.h"\n#include <iostream>\n',
            "#include <sys/types.h>\n#include <iostream>\n",
            "#if 1\n#include <iostream>\n#endif\n",
            "// a comment that goes on \\\n#include <iostream>\n",
            "/*\n#include <iostream>\n*/\n",
            "#include <vector> /*\n#include <iostream>\n*/\n",
            "#include <vector> int n;\n#include <iostream>\n",
            "#include <iostream> /* and */ \n",
            'const char *text = R"(\n#include <iostream>\n)";\n',
        ):
            with self.subTest(begin):
                self.write_files({"own.h": ""})
                self.assertFalse(self.is_taken(begin + main))

    def test_a_program_that_does_not_include_a_header_does_not_get_it(self):
        for program in ("int main() { std::cout << 1; }\n", "#include <vector>\nint main() { std::cout << 1; }\n"):
            compiled = self.compile(program)
            self.assertEqual(compiled.status, 1)
            self.assertIn("main.cpp:", compiled.stderr)
            self.assertIn("cout", compiled.error["message"])


class Messages(CppTest):
    def test_an_error_has_the_line_of_the_users_file(self):
        compiled = self.compile({"main.cpp": GREETING, "src/f.cpp": "int f() {\n  return missing;\n}\n"})
        self.assertEqual(compiled.status, 1)
        self.assert_error(compiled, file="src/f.cpp", line=2)
        self.assert_error(compiled, type="CompileError")

    def test_the_errors_of_all_files_are_shown(self):
        compiled = self.compile({"main.cpp": "int a() { return x; }\n", "f.cpp": "int b() { return y; }\n"})
        self.assertIn("main.cpp:1:18: error", compiled.stderr)
        self.assertIn("f.cpp:1:18: error", compiled.stderr)

    def test_an_error_in_a_header_of_the_library_has_the_line_that_led_there(self):
        program = """#include <algorithm>
#include <list>

int main() {
    std::list<int> numbers{2, 1};
    std::sort(numbers.begin(), numbers.end());
}
"""
        compiled = self.compile(program)
        self.assert_error(compiled, file="main.cpp", line=6)
        self.assertIn("no match for", compiled.error["message"])

    def test_a_warning_is_shown_and_is_no_error(self):
        compiled = self.compile("int *f() {\n  int local = 1;\n  return &local;\n}\nint main() {}\n")
        self.assertEqual((compiled.status, compiled.error), (0, None))
        self.assertIn("main.cpp:3:10: warning: address of local variable", compiled.stderr)

    def test_what_a_compiler_does_not_warn_of_by_itself_is_shown_on_request(self):
        program = "int main(int count, char **words) {\n  int unused;\n}\n"
        self.assertEqual(self.compile(program).stderr, "")
        compiled = self.compile(program, options=["-Wall", "-Wextra"])
        self.assertEqual((compiled.status, compiled.error), (0, None))
        self.assertIn("main.cpp:2:7: warning: unused variable", compiled.stderr)
        self.assertIn("main.cpp:1:14: warning: unused parameter", compiled.stderr)

    def test_what_is_missing_when_linking_is_named_once_and_by_the_usual_linker(self):
        compiled = self.compile("int missing();\nint main() { return missing(); }\n")
        self.assertEqual(compiled.status, 1)
        self.assert_error(compiled, type="LinkError", file="main.cpp")
        self.assert_error(compiled, message="undefined reference to `missing()'")
        self.assertEqual(compiled.stderr.count("undefined reference"), 1)

    def test_messages_of_the_linker_name_the_sources(self):
        compiled = self.compile({
            "main.cpp": "int main() {}\n",
            "src/f.cpp": "extern int missing;\nint *f = &missing;\nint main() {}\n",
        })
        self.assert_error(compiled, type="LinkError", file="src/f.cpp")
        self.assert_error(
            compiled, message="multiple definition of `main'; main.cpp:(.text.startup+0x0): first defined here"
        )
        self.assertIn("ld: src/f.cpp:(.data.rel+0x0): undefined reference to `missing'", compiled.stderr)
        self.assertNotIn(".o", compiled.stderr)

    def test_an_exception_that_nobody_catches_is_named(self):
        program = '#include <stdexcept>\nint main() { throw std::runtime_error("no: such"); }\n'
        ended = self.run_program(program)
        self.assertEqual(ended.status, -6)
        self.assert_error(ended, type="std::runtime_error", message="no: such")
        ended = self.run_program("int main() { throw 42; }\n")
        self.assert_error(ended, type="int", message=None)

    def test_a_failed_assertion_has_its_line(self):
        ended = self.run_program("#include <cassert>\nint main(int n, char **) {\n  assert(n == 2);\n}\n")
        self.assert_error(ended, type="AssertionError", file="main.cpp", line=3)


class Options(CppTest):
    """Of a request: words for the compiler behind those of the script."""

    def test_the_standard_the_optimization_and_macros_are_those_asked_for(self):
        program = """#include <iostream>
#ifdef __OPTIMIZE__
const int optimized = 1;
#else
const int optimized = 0;
#endif
int main() { std::cout << __cplusplus << optimized << TEXT << std::endl; }
"""
        for header, options, printed in (
            ("iostream", ["-std=c++17", "-O3", '-DTEXT="a  b $(id)"'], "2017031a  b $(id)\n"),
            ("bits/stdc++.h", ["-std=c++11", "-O0", "-DTEXT=1"], "20110301\n"),
        ):
            with self.subTest(options, header=header):
                ended = self.run_program(program.replace("iostream", header), compile_options=options)
                self.assertEqual(ended.stdout, printed)

    def test_a_macro_that_headers_look_at_counts_in_them(self):
        program = "#include <iostream>\n#include <vector>\nint main() { std::vector<int> one(1); return &one[1] == nullptr; }\n"
        self.assertEqual(self.run_program(program).status, 0)
        ended = self.run_program(program, compile_options=["-D_GLIBCXX_ASSERTIONS"])
        self.assertEqual(ended.status, -6)
        self.assertIn("Assertion", ended.stderr)

    def test_they_are_for_each_of_several_files_and_for_the_linker(self):
        files = {
            "main.cpp": '#include <iostream>\nint f();\nint main() { std::cout << N << f(); }\n',
            "src/f.cc": "#include <cmath>\nint f() { volatile double n = N; return std::sqrt(n); }\n",
        }
        for options in (["-lm", "-DN=9", "-static"], ["-DN=9", "-fopenmp", "-flto"]):
            with self.subTest(options):
                self.assertEqual(self.run_program(files, compile_options=options).stdout, "93")

    def test_the_part_of_all_programs_is_compiled_without_them(self):
        options = ["-std=c++98", "-pedantic", "-Wall", "-Wextra", "-Werror"]
        for warm in (None, "/nonexistent"):
            with self.subTest(warm):
                compiled = self.compile(GREETING, warm=warm, options=options)
                self.assertEqual((compiled.status, compiled.stderr), (0, ""))
                self.assertEqual(self.run_product().stdout, "hello\n")


class Check(CppTest):
    def test_a_correct_file_passes_and_a_wrong_one_does_not(self):
        self.write_files({"right.cpp": GREETING, "wrong.cpp": "int main() { return 0 }\n"})
        self.assertEqual((self.check("right.cpp"), self.check("wrong.cpp")), (0, 1))


if __name__ == "__main__":
    unittest.main()
