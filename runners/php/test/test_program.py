"""A PHP program behaves as in the plain interpreter that logs its errors."""
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
    "errors that are shown": "<?php error_reporting(E_ALL); ini_set('display_errors', '1'); echo $none; throw new E();",
    "errors that are hidden": "<?php ini_set('display_errors', '0'); throw new RuntimeException('x');",
    "errors that are told nowhere": "<?php ini_set('log_errors', '0'); throw new RuntimeException('x');",
    "a page": "<h1><?= 1 + 1 ?></h1>\ntext\n",
}


class Program(RunnerTest):
    def test_a_program_prints_and_fails_as_in_the_plain_interpreter(self):
        for what, code in FAILS.items():
            with self.subTest(what):
                plain, ours = self.run_program(code, plain=True), self.run_program(code)
                self.assertEqual((ours.status, ours.stdout, ours.stderr), (plain.status, plain.stdout, plain.stderr))
                self.assertEqual([each for each in ours.messages if each["type"] != "error"], [])

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

    def test_texts_of_several_bytes_have_their_functions(self):
        self.assertEqual(self.run_program("<?php echo mb_strlen('Zürich'), mb_strtoupper('é');").stdout, "6É")

    def test_more_memory_than_a_server_allows_is_there(self):
        code = "<?php echo strlen(str_repeat('x', 200 * 2 ** 20)), ini_get('memory_limit');"
        self.assertEqual(self.run_program(code).stdout, "209715200-1")
