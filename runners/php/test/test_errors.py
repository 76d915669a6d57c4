"""The error that ends a PHP program is sent with its type, message, line and frames."""
from .harness import RunnerTest


def main(line, function, source):
    return {"file": "main.php", "line": line, "function": function, "source": source}


class Exceptions(RunnerTest):
    def test_an_uncaught_exception_has_its_message_line_and_frames(self):
        code = "<?php\nfunction check(int $n): void\n{\n    throw new RuntimeException(\"too\\nbad\");\n}\ncheck(5);\n"
        throws, calls = main(4, "check", 'throw new RuntimeException("too\\nbad");'), main(6, "{main}", "check(5);")
        expected = {"type": "RuntimeException", "message": "too\nbad", "line": 4, "frames": [calls, throws]}
        self.assertEqual(self.error_of(code), expected)

    def test_wrong_arguments_are_told_in_the_words_of_php(self):
        code = '<?php\nfunction add(int $a, int $b) { return $a; }\necho add("x", 1);\n'
        frames = [
            main(3, "{main}", 'echo add("x", 1);'), main(2, "add", "function add(int $a, int $b) { return $a; }"),
        ]
        message = "add(): Argument #1 ($a) must be of type int, string given, called in /workspace/main.php on line 3"
        self.assertEqual(
            self.error_of(code), {"type": "TypeError", "message": message, "line": 2, "frames": frames}
        )
        code = "<?php\nfunction add($a, $b) {}\nadd(1);\n"
        error = self.error_of(code)
        self.assertEqual(
            (error["type"], error["message"]),
            (
                "ArgumentCountError",
                "Too few arguments to function add(), 1 passed in /workspace/main.php on line 3 and exactly 2 expected",
            ),
        )

    def test_a_message_that_looks_like_a_trace_is_a_message(self):
        text = "one\nin /workspace/x.php:9\nStack trace:\n#0 fake in /workspace/y.php:7\n\nNext E: two"
        self.write("text", text)
        error = self.error_of("<?php\n\nthrow new Exception(file_get_contents('text'));")
        frames = [main(3, "{main}", "throw new Exception(file_get_contents('text'));")]
        self.assertEqual(error, {"type": "Exception", "message": text, "line": 3, "frames": frames})

    def test_the_last_exception_of_a_chain_counts(self):
        code = """<?php
        try {
            intdiv(1, 0);
        } catch (Error $e) {
            throw new LogicException('outer', 0, $e);
        }"""
        error = self.error_of(code)
        self.assertEqual((error["type"], error["message"], error["line"]), ("LogicException", "outer", 5))
        self.assertEqual(error["frames"], [main(5, "{main}", "throw new LogicException('outer', 0, $e);")])

    def test_an_exception_without_a_message_or_with_a_long_one_is_told(self):
        error = self.error_of("<?php\nthrow new Exception();\n")
        self.assertEqual((error["type"], error["message"], error["line"]), ("Exception", "", 2))
        error = self.error_of("<?php\nthrow new Exception(str_repeat('é', 20_000) . \"\\xff\");\n")
        self.assertEqual(error["message"], "é" * 20_000 + "\ufffd")

    def test_classes_of_namespaces_and_without_a_name_are_told(self):
        error = self.error_of("<?php\nnamespace A; class E extends \\Error {} throw new E('x');")
        self.assertEqual(error["type"], "A\\E")
        error = self.error_of("<?php\nthrow new class('a: b') extends Exception {};")
        self.assertEqual((error["type"], error["message"]), ("Exception@anonymous", "a: b"))

    def test_frames_pass_over_functions_of_php_itself(self):
        code = """<?php
        class App
        {
            function run()
            {
                return array_map(fn($n) => 1 % $n, [0]);
            }
        }
        (new App())->run();"""
        error = self.error_of(code)
        self.assertEqual((error["type"], error["message"]), ("DivisionByZeroError", "Modulo by zero"))
        line = "return array_map(fn($n) => 1 % $n, [0]);"
        self.assertEqual(
            error["frames"],
            [main(9, "{main}", "(new App())->run();"), main(6, "App->run", line), main(6, "App->{closure}", line)],
        )

    def test_frames_are_in_the_files_of_the_program(self):
        self.write("lib/a b (1).php", "<?php\nfunction f() {\n  eval(\"\\nintdiv(1, 0);\");\n}\n")
        error = self.error_of("<?php\nrequire 'lib/a b (1).php';\nf();\n")
        frame = {"file": "lib/a b (1).php", "line": 3, "source": 'eval("\\nintdiv(1, 0);");'}
        self.assertEqual(error["frames"][:2], [main(3, "{main}", "f();"), {**frame, "function": "f"}])
        self.assertEqual(error["line"], 3)


class Other(RunnerTest):
    def test_fatal_and_syntax_errors_have_their_lines(self):
        error = self.error_of("<?php\n\nfunction f() {}\nfunction f() {}\n")
        self.assertEqual((error["type"], error["line"]), ("FatalError", 4))
        self.assertTrue(error["message"].startswith("Cannot redeclare f()"))
        error = self.error_of("<?php\n$a = 1;\necho $a\necho 2;\n")
        self.assertEqual((error["type"], error["line"]), ("ParseError", 4))
        self.assertEqual(error["message"], 'syntax error, unexpected token "echo", expecting "," or ";"')
        self.write("lib.php", "<?php\n$a = [1, 2;\n")
        error = self.error_of("<?php require 'lib.php';")
        self.assertEqual((error["type"], error["line"], error["frames"][0]["file"]), ("ParseError", 2, "lib.php"))
        error = self.error_of("<?php\ntrigger_error('mine', E_USER_ERROR);")
        self.assertEqual((error["type"], error["message"], error["line"]), ("FatalError", "mine", 2))

    def test_where_errors_are_printed_makes_no_difference(self):
        for setting in ("display_errors", "log_errors", "error_reporting"):
            for value in ("0", "1"):
                with self.subTest(setting, value=value):
                    error = self.error_of(f"<?php ini_set('{setting}', '{value}'); throw new RuntimeException('x');")
                    self.assertEqual((error["type"], error["message"]), ("RuntimeException", "x"))

    def test_what_does_not_end_the_program_is_no_error(self):
        programs = {
            "a warning": "<?php echo $missing; exit(3);",
            "a caught exception": "<?php try { intdiv(1, 0); } catch (Error) {} exit(3);",
            "an exception of a child": "<?php if (pcntl_fork() === 0) { intdiv(1, 0); } pcntl_wait($status); exit(3);",
            "one that the program handles": "<?php set_exception_handler(fn($e) => exit(3)); intdiv(1, 0);",
        }
        for what, code in programs.items():
            with self.subTest(what):
                result = self.run_program(code)
                self.assertEqual((result.status, result.messages), (3, []))

    def test_the_check_passes_a_program_and_says_where_one_is_wrong(self):
        self.assertEqual(self.check("<?php save_result(1);").status, 0)
        wrong = self.check("<?php\n$a = ;\n")
        self.assertEqual(wrong.status, 255)
        self.assertIn('Parse error: syntax error, unexpected token ";" in /workspace/main.php on line 2', wrong.stderr)
