import os
import shutil
import unittest

from testing.compiled import CompilerTest
from testing.manifest import Language

GREETING = 'package main\n\nimport "fmt"\n\nfunc main() {\n\tfmt.Println("hello")\n}\n'


class GoTest(CompilerTest):
    language = Language("go")


class Programs(GoTest):
    def test_a_program_gets_its_arguments_and_its_input(self):
        program = """package main

import (
	"fmt"
	"io"
	"os"
)

func main() {
	input, _ := io.ReadAll(os.Stdin)
	fmt.Printf("%q %s", os.Args[1:], input)
	os.Exit(3)
}
"""
        ended = self.run_program(program, "a b", "", "-c", stdin=b"input\n")
        self.assertEqual((ended.status, ended.stdout), (3, '["a b" "" "-c"] input\n'))

    def test_packages_that_the_toolchain_brings_uncompiled_are_there(self):
        program = """package main

import (
	"fmt"
	"net/http"
	"os/user"
)

func main() {
	_, err := user.Lookup("nobody-of-this-name")
	fmt.Println(http.StatusText(404), err)
}
"""
        self.assertEqual(self.run_program(program).stdout, "Not Found user: unknown user nobody-of-this-name\n")

    def test_all_files_of_the_folder_but_those_of_tests_are_the_program(self):
        files = {
            "app/main.go": 'package main\n\nfunc main() { print(name()) }\n',
            "app/name.go": 'package main\n\nfunc name() string { return "app" }\n',
            "app/name_test.go": 'package main\n\nimport "testing"\n\nfunc TestName(t *testing.T) {}\n',
            "other.go": "package main\n\nfunc main() {}\n",
        }
        self.assertEqual(self.run_program(files).stderr, "app")

    def test_the_entry_may_have_any_name(self):
        twice = "package main\n\nfunc twice(n int) int { return 2 * n }\n"
        program = GREETING.replace('"hello"', "twice(4)")
        self.assertEqual(self.run_program({"program.txt": GREETING}).stdout, "hello\n")
        self.assertEqual(self.run_program({'x/a "b"': program, "x/twice.go": twice}).stdout, "8\n")
        module = {"y/go.mod": "module example.com/app\n\ngo 1.18\n", "y/twice.go": twice}
        self.assertEqual(self.run_program({"y/program.txt": program, **module}).stdout, "8\n")
        self.assert_error(self.compile({"program.txt": program}), file="./program.txt", line=6)

    def test_a_module_has_its_packages(self):
        files = {
            "cmd/app/main.go": 'package main\n\nimport "example.com/shop/price"\n\n'
            "func main() { print(price.Of(2)) }\n",
            "price/price.go": "package price\n\nfunc Of(count int) int { return 3 * count }\n",
            "go.mod": "module example.com/shop\n\ngo 1.18\n",
        }
        self.assertEqual(self.run_program(files).stderr, "6")
        inner = {f"shop/{name}": content for name, content in files.items()}
        self.assertEqual(self.run_program(inner).stderr, "6")

    def test_a_module_may_bring_the_modules_it_needs(self):
        files = {
            "main.go": 'package main\n\nimport "example.com/lib"\n\nfunc main() { print(lib.Name) }\n',
            "go.mod": "module example.com/app\n\ngo 1.18\n\nrequire example.com/lib v1.0.0\n",
            "vendor/modules.txt": "# example.com/lib v1.0.0\n## explicit\nexample.com/lib\n",
            "vendor/example.com/lib/lib.go": 'package lib\n\nconst Name = "lib"\n',
        }
        self.assertEqual(self.run_program(files).stderr, "lib")

    def test_files_can_be_embedded(self):
        program = """package main

import _ "embed"

//go:embed a.txt
var text string

func main() { print(text) }
"""
        self.assertEqual(self.run_program({"main.go": program, "a.txt": "text\n"}).stderr, "text\n")

    def test_a_program_can_read_how_it_was_built(self):
        program = """package main

import "runtime/debug"

func main() {
	info, known := debug.ReadBuildInfo()
	print(known, info.Path)
}
"""
        self.assertEqual(self.run_program(program).stderr, "truecommand-line-arguments")

    def test_the_collector_knows_the_memory_limit_unless_the_program_was_told_another(self):
        program = 'package main\n\nimport (\n\t"fmt"\n\t"os"\n)\n\nfunc main() { fmt.Print(os.Getenv("GOMEMLIMIT")) }\n'
        limit = {"GLOVEBOX_MEMORY_BYTES": "100000000"}
        self.assertEqual(self.run_program(program, env=limit).stdout, "90000000")
        self.assertEqual(self.run_product(env={**limit, "GOMEMLIMIT": "off"}).stdout, "off")

    def test_the_same_source_makes_the_same_product(self):
        for files in ({"main.go": GREETING}, {"main.go": GREETING, "go.mod": "module a\n"}):
            products = []
            for _ in range(2):
                self.compile(files)
                products.append(self.product_files())
            self.assertEqual(list(products[0]), ["program"])
            self.assertEqual(*products)


class WarmFiles(GoTest):
    def test_without_any_a_program_compiles(self):
        self.assertEqual(self.compile(GREETING, warm="/nonexistent").status, 0)
        self.assertEqual(self.run_product().stdout, "hello\n")

    def test_a_file_that_stands_alone_is_compiled_without_the_go_command(self):
        self.write_files({"main.go": GREETING})
        command = ["/bin/sh", "{runner}/compile.sh", "/nonexistent/go", "{entry}"]
        self.assertEqual(self.run_command(command, self.scratch, entry="main.go").returncode, 0)

    def test_the_cache_that_was_kept_is_enough_for_the_go_command(self):
        folder = os.path.join(self.scratch, "warm")
        shutil.copytree(os.path.join(self.warm_files(), "cache"), os.path.join(folder, "cache"))
        program = 'package main\n\nimport "net"\n\nfunc main() { print(net.ParseIP("::1").String()) }\n'
        compiled = self.compile(program, warm=folder, env={"GOFLAGS": "-x"})
        self.assertIn(" -p main ", compiled.stderr)
        self.assertNotIn(" -p net ", compiled.stderr)
        self.assertEqual(self.run_product().stderr, "::1")


class Messages(GoTest):
    def test_an_error_has_the_line_of_the_users_file(self):
        compiled = self.compile("package main\n\nfunc main() {\n\tx := 1\n\tprint(y)\n}\n")
        self.assertNotEqual(compiled.status, 0)
        self.assertIn("./main.go:5:8: undefined: y", compiled.stderr)
        self.assert_error(compiled, type="CompileError", line=4)
        compiled = self.compile({"a/main.go": GREETING, "a/b.go": "package main\n\nvar n int = true\n"})
        self.assert_error(compiled, file="a/b.go", line=3)

    def test_a_package_that_is_not_there_is_an_error_of_its_line(self):
        compiled = self.compile('package main\n\nimport "example.com/none"\n\nfunc main() { none.F() }\n')
        self.assert_error(compiled, file="main.go", line=3)
        self.assertIn("example.com/none", compiled.error["message"])

    def test_packages_inside_the_library_cannot_be_imported(self):
        compiled = self.compile('package main\n\nimport "internal/abi"\n\nfunc main() { print(abi.IntArgRegs) }\n')
        self.assert_error(compiled, line=3)
        self.assertIn("use of internal package internal/abi not allowed", compiled.error["message"])

    def test_a_package_that_is_no_program_is_an_error(self):
        no_main = GREETING.replace("package main", "package hello")
        compiled = self.compile(no_main)
        self.assertEqual((compiled.status, self.product_files()), (1, {}))
        self.assert_error(compiled, type="CompileError")
        self.assert_error(compiled, message="package command-line-arguments is not a main package")
        self.make_folders(self.addCleanup)
        compiled = self.compile({"main.go": no_main, "go.mod": "module example.com/shop\n\ngo 1.18\n"})
        self.assertEqual((compiled.status, self.product_files()), (1, {}))
        self.assert_error(compiled, message="package example.com/shop is not a main package")

    def test_a_program_without_main_is_an_error(self):
        compiled = self.compile("package main\n\nfunc F() {}\n")
        self.assertNotEqual(compiled.status, 0)
        self.assert_error(compiled, type="LinkError")
        self.assert_error(compiled, message="function main is undeclared in the main package")

    def test_a_file_that_needs_cgo_is_an_error_of_the_line_that_asks_for_it(self):
        needs_cgo = "package {}\n\n// int f() {{ return 1; }}\nimport \"C\"\n\nfunc F() {{ C.f() }}\n"
        compiled = self.compile(needs_cgo.format("main"))
        self.assertNotEqual(compiled.status, 0)
        self.assert_error(compiled, type="CompileError", file="main.go", line=4)
        self.assert_error(compiled, message='import "C": there is no cgo')
        self.make_folders(self.addCleanup)
        compiled = self.compile({
            "app/main.go": 'package main\n\nimport "example.com/app/native"\n\nfunc main() { native.F() }\n',
            "app/native/native.go": needs_cgo.format("native"),
            "app/go.mod": "module example.com/app\n\ngo 1.18\n",
        })
        self.assert_error(compiled, file="app/native/native.go", line=4)

    def test_what_the_go_command_itself_refuses_is_an_error(self):
        compiled = self.compile({"main.go": GREETING, "go.mod": "module example.com/app\n\nnonsense\n"})
        self.assertNotEqual(compiled.status, 0)
        self.assert_error(compiled, file="/workspace/go.mod", line=3, message="unknown directive: nonsense")

    def test_a_panic_has_the_frames_of_the_program(self):
        program = """package main

type shop struct{ prices []int }

func (s *shop) price(n int) int {
	return s.prices[n]
}

func main() {
	s := &shop{}
	func() { println(s.price(len(s.prices))) }()
}
"""
        ended = self.run_program(program)
        self.assertEqual(ended.status, 2)
        self.assert_error(ended, type="runtime error")
        self.assert_error(ended, message="index out of range [0] with length 0")
        lines = [(file, line) for file, line, _ in ended.error["frames"]]
        self.assertEqual(lines, [("/workspace/main.go", 6), ("/workspace/main.go", 11), ("/workspace/main.go", 11)])
        self.assertEqual(ended.error["frames"][0][2], "main.(*shop).price")

    def test_a_panic_with_a_value_has_its_text(self):
        ended = self.run_program('package main\n\nfunc main() {\n\tpanic("no: such")\n}\n')
        self.assert_error(ended, type="panic", message="no: such")
        self.assertEqual(ended.error["frames"], [("/workspace/main.go", 4, "main.main")])


    def test_a_deadlock_is_a_fatal_error(self):
        ended = self.run_program("package main\n\nfunc main() {\n\t<-make(chan int)\n}\n")
        self.assert_error(ended, type="fatal error")
        self.assert_error(ended, message="all goroutines are asleep - deadlock!")
        self.assertEqual(ended.error["frames"], [("/workspace/main.go", 4, "main.main")])



class Options(GoTest):
    """Of a request: words for the go command."""

    def test_a_variable_of_the_program_gets_the_value_that_the_linker_is_given(self):
        program = 'package main\n\nvar version = "none"\n\nfunc main() {\n\tprintln(version)\n}\n'
        for options in (["-ldflags=-s -w -X main.version=1.2;$(id)"], ["-ldflags", "-X=main.version=1.2;$(id)"]):
            with self.subTest(options):
                self.assertEqual(self.run_program(program, compile_options=options).stderr, "1.2;$(id)\n")
        # A file that the go command would not take by its name.
        self.assertEqual(self.run_program({"src/main.txt": program}, compile_options=options).stderr, "1.2;$(id)\n")

    def test_tags_choose_the_files_of_a_module(self):
        part = "//go:build {}\n\npackage main\n\nconst part = {}\n"
        files = {
            "main.go": "package main\n\nfunc main() {\n\tprintln(part)\n}\n", "go.mod": "module m\n",
            "one.go": part.format("fast", 1), "two.go": part.format("!fast", 2),
        }
        self.assertEqual(self.run_program(files, compile_options=["-tags=other,fast"]).stderr, "1\n")
        self.assertEqual(self.run_program(files, compile_options=["-tags", "other"]).stderr, "2\n")

    def test_what_the_compiler_says_on_request_is_shown(self):
        compiled = self.compile(GREETING, options=["-gcflags=-m -l"])
        self.assertEqual(compiled.status, 0)
        self.assertIn('./main.go:6:14: "hello" escapes to heap', compiled.stderr)


class Check(GoTest):
    def test_a_correct_file_passes_and_a_wrong_one_does_not(self):
        self.write_files({"right.go": GREETING, "wrong.go": "package main\n\nfunc main() {\n"})
        self.assertEqual((self.check("right.go"), self.check("wrong.go")), (0, 2))


if __name__ == "__main__":
    unittest.main()
