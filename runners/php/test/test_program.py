"""A PHP program behaves as in the plain interpreter with its errors on stderr."""
from .harness import RunnerTest

FAILS = {
    "an uncaught exception": "<?php\nfunction check(int $n): void\n{\n"
    "    throw new RuntimeException(\"too\\nbad\");\n}\necho 1;\ncheck(5);\n",
    "a chain of exceptions": "<?php\ntry {\n    intdiv(1, 0);\n} catch (Error $error) {\n"
    "    throw new LogicException('outer', 0, $error);\n}\n",
    "an exception without a message": "<?php\nthrow new Exception();\n",
    "a type error": "<?php\n(function (int $n) {})('x');\n",
    "a fatal error": "<?php\n\nfunction f() {}\nfunction f() {}\n",
    "a syntax error": "<?php\n$a = 1;\necho $a\necho 2;\n",
    "warnings": "#!/usr/bin/env php\n<?php\necho $missing, [1][2];\n",
    "a user error": "<?php\ntrigger_error('mine', E_USER_ERROR);\n",
    "an exit status": "<?php echo 'x'; exit(7);",
    "an exit text": "<?php exit('over');",
    "a page": "<h1><?= 1 + 1 ?></h1>\ntext\n",
}


class Program(RunnerTest):
    def test_a_program_prints_and_fails_as_in_the_plain_interpreter(self):
        for what, code in FAILS.items():
            with self.subTest(what):
                plain, ours = self.run_program(code, plain=True), self.run_program(code)
                self.assertEqual((ours.status, ours.stdout, ours.stderr), (plain.status, plain.stdout, plain.stderr))
                self.assertEqual(ours.messages, [])

    def test_arguments_and_names_are_the_plain_ones(self):
        code = "<?php echo json_encode([$argv, $argc, __FILE__, __LINE__, $_SERVER['argv'], get_included_files()[0]]);"
        args = ["-d", "--", "a b"]
        self.assertEqual(self.run_program(code, args).stdout, self.run_program(code, args, plain=True).stdout)

    def test_a_program_finds_the_helpers_and_nothing_else_of_the_runner(self):
        code = """<?php
        echo implode(' ', array_keys(get_defined_vars())), ' ', implode(' ', get_defined_functions()['user']);"""
        plain = self.run_program(code, plain=True).stdout.split()
        ours = [name for name in self.run_program(code).stdout.split() if not name.startswith("glovebox\\")]
        helpers = ["input_data", "load_file", "parameters", "report_progress", "save_file", "save_result"]
        self.assertEqual(sorted(set(ours) - set(plain)), helpers)
        code = "<?php echo error_get_last(), implode(' ', get_declared_classes());"
        plain = set(self.run_program(code, plain=True).stdout.split())
        added = set(self.run_program(code).stdout.split()) - plain
        self.assertEqual([name for name in added if not name.startswith("Glovebox\\")], [])

    def test_the_declaration_of_strict_types_and_a_namespace_may_open_a_program(self):
        code = "<?php\ndeclare(strict_types=1);\nnamespace App;\nsave_result('a', strlen('x'));"
        result = self.run_program(code)
        self.assertEqual((result.stderr, result.results), ("", {"a": 1}))

    def test_a_program_reads_its_standard_input_and_includes_its_own_files(self):
        self.write("lib/twice.php", "<?php function twice(int $n): int { return 2 * $n; }")
        code = "<?php require 'lib/twice.php'; echo twice((int) fgets(STDIN)), \"\\n\";"
        self.assertEqual(self.run_program(code, stdin="21").stdout, "42\n")

    def test_a_program_may_define_functions_of_the_same_names(self):
        self.write("lib.php", "<?php function load_file($name) { return \"theirs $name\"; }")
        code = """<?php
        require 'lib.php';
        class Store { public static function save_file() {} private function report_progress() {} }
        function &Save_Result($name) { echo "mine $name\\n"; return $name; }
        save_result('x');
        echo load_file('a'), basename(save_file('b.txt', '')), "\\n";
        report_progress(1);"""
        result = self.run_program(code, uploadedFiles=["lib.php"])
        self.assertEqual((result.stdout, result.stderr), ("mine x\ntheirs ab.txt\n", ""))
        self.assertEqual(result.progress, [(1, None)])

    def test_more_memory_than_a_server_allows_is_there(self):
        code = "<?php echo strlen(str_repeat('x', 200 * 2 ** 20)), ini_get('memory_limit');"
        self.assertEqual(self.run_program(code).stdout, "209715200-1")


class Errors(RunnerTest):
    def test_an_uncaught_exception_is_found_with_its_line_and_frames(self):
        error = self.run_program(FAILS["an uncaught exception"]).error
        self.assertEqual(
            error,
            {
                "type": "RuntimeException",
                "message": "too\nbad",
                "file": "/workspace/main.php",
                "line": 4,
                "frames": [("/workspace/main.php", 4, "check"), ("/workspace/main.php", 7, "{main}")],
            },
        )

    def test_the_last_exception_of_a_chain_counts(self):
        error = self.run_program(FAILS["a chain of exceptions"]).error
        self.assertEqual((error["type"], error["message"], error["line"]), ("LogicException", "outer", 5))
        self.assertEqual(error["frames"], [("/workspace/main.php", 5, "{main}")])

    def test_an_exception_without_a_message_is_found(self):
        error = self.run_program(FAILS["an exception without a message"]).error
        self.assertEqual((error["type"], error["message"], error["line"]), ("Exception", None, 2))

    def test_frames_pass_over_functions_of_php_itself(self):
        code = """<?php
        class App
        {
            public function run(): array
            {
                return array_map(fn(int $n): int => 1 % $n, [0]);
            }
        }
        (new App())->run();
        """
        error = self.run_program(code).error
        self.assertEqual((error["type"], error["message"]), ("DivisionByZeroError", "Modulo by zero"))
        main = "/workspace/main.php"
        self.assertEqual(error["frames"], [(main, 6, "App->{closure}"), (main, 6, "App->run"), (main, 9, "{main}")])

    def test_fatal_and_syntax_errors_are_found_with_their_lines(self):
        error = self.run_program(FAILS["a fatal error"]).error
        self.assertEqual((error["type"], error["line"]), ("FatalError", 4))
        self.assertTrue(error["message"].startswith("Cannot redeclare f()"))
        error = self.run_program(FAILS["a syntax error"]).error
        self.assertEqual((error["type"], error["line"]), ("ParseError", 4))
        self.assertEqual(error["message"], 'syntax error, unexpected token "echo", expecting "," or ";"')

    def test_the_check_passes_a_program_and_says_where_one_is_wrong(self):
        self.assertEqual(self.check("<?php save_result(1);").status, 0)
        wrong = self.check("<?php\n$a = ;\n")
        self.assertEqual(wrong.status, 255)
        self.assertEqual((wrong.error["type"], wrong.error["line"]), ("ParseError", 2))
