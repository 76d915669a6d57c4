"""How uncaught errors are described."""

from .harness import RunnerTest


def places(error):
    return [(frame["file"], frame["line"], frame["function"], frame["source"]) for frame in error["frames"]]


class ErrorTest(RunnerTest):
    def test_an_error_has_its_type_message_and_frames(self):
        code = (
            "# a program\n\nf <- function(x) {\n  y <- x\n  stop('bad ', y)\n}; g <- function(x) f(x)\n"
            "lapply(1, function(i) {\n  tryCatch({\n    g(i)\n  }, warning = print)\n})\n"
        )
        result = self.run_program(code)
        error = result.error
        self.assertEqual((error["type"], error["message"], error["line"]), ("simpleError", "bad 1", 5))
        self.assertEqual(places(error), [
            ("main.R", 7, "<top level>", "lapply(1, function(i) {"),
            ("main.R", 8, "FUN", "tryCatch({"),
            ("main.R", 9, "FUN", "g(i)"),
            ("main.R", 6, "g", "}; g <- function(x) f(x)"),
            ("main.R", 5, "f", "stop('bad ', y)"),
        ])
        self.assertTrue(error["traceback"].startswith("Error in f(x) : bad 1\nCalls: lapply "), error["traceback"])
        self.assertIn('\n9: stop("bad ", y) at main.R#5\n8: f(x) at main.R#6\n', error["traceback"])
        self.assertIn("Execution halted", result.stderr)

    def test_errors_of_r_itself_are_found_on_their_line(self):
        code = "f <- function() {\n  a <- 1\n\n  nothing + a\n}\nf()"
        error = self.run_program(code).error
        self.assertEqual((error["message"], error["line"]), ("object 'nothing' not found", 4))

    def test_errors_at_the_top_level_have_the_line_of_their_expression(self):
        error = self.run_program("x <- 1\n\n# text\nx[[\n 5]]").error
        self.assertEqual(places(error), [("main.R", 4, "<top level>", "x[[")])

    def test_errors_in_sourced_files_have_their_file(self):
        files = {"lib/u.R": "\nh <- function() {\n  stop('u')\n}"}
        error = self.run_program("source('lib/u.R')\nh()", files=files).error
        self.assertEqual(places(error), [("main.R", 2, "<top level>", "h()"), ("lib/u.R", 3, "h", "stop('u')")])

    def test_an_expression_that_stands_twice_is_the_one_that_ran(self):
        code = "x <- 1\nlocal({\n  if (x > 1) stop('b')\n})\nx <- 2\nlocal({\n  if (x > 1) stop('b')\n})\n"
        self.assertEqual(self.run_program(code).error["line"], 7)

    def test_errors_in_loops_at_the_top_level_are_found_on_their_line(self):
        for statement in ("x[, 1]", "f(function(x) {\n  x })"):
            code = f"f <- function(...) stop('b', call. = FALSE)\nx <- 1\nfor (i in 1) {{\n  f <- f\n  {statement}\n}}"
            error = self.run_program(code).error
            self.assertEqual(places(error)[0], ("main.R", 5, "<top level>", statement.splitlines()[0]))

    def test_a_syntax_error_has_its_line(self):
        for code, line, source in (
            ("x <- 1\n\ny <- 5 5\n", 3, "y <- 5 5"),
            ("f <- function() {\n  1\n", 2, "1"),
        ):
            error = self.run_program(code).error
            self.assertEqual((error["type"], error["line"]), ("parseError", line))
            self.assertEqual(places(error), [("main.R", line, "<top level>", source)])

    def test_a_syntax_error_in_a_sourced_file_ends_with_a_frame_of_its_line(self):
        broken = "x <- 1\ng <- function(x) {\n  log(-x) +) 2\n}\n"
        top = ("main.R", 2, "<top level>")
        for statement, files, inner in (
            ("source('lib/u.R')", {"lib/u.R": broken}, ("lib/u.R", 3, "<top level>", "log(-x) +) 2")),
            ("sapply('u.R', source)", {"u.R": broken}, ("u.R", 3, "<top level>", "log(-x) +) 2")),
            ("source('lib/u.R', chdir = TRUE)", {"lib/u.R": "f(\n"}, ("lib/u.R", 1, "<top level>", "f(")),
            ("setwd('lib'); source('u.R')", {"lib/u.R": "\n5 5"}, ("lib/u.R", 2, "<top level>", "5 5")),
        ):
            with self.subTest(statement):
                error = self.run_program(f"x <- 1\n{statement}", files=files).error
                self.assertEqual((error["type"], error["line"]), ("parseError", inner[1]))
                self.assertEqual(places(error), [(*top, statement), inner])

    def test_a_syntax_error_in_a_file_that_a_sourced_file_sources_has_all_frames(self):
        files = {"a.R": "load_all <- function() {\n  source('b.R')\n}\n", "b.R": "y <- 1\n\nx <- 5 5\n"}
        error = self.run_program("source('a.R')\nload_all()", files=files).error
        self.assertEqual(places(error), [
            ("main.R", 2, "<top level>", "load_all()"), ("a.R", 2, "load_all", "source('b.R')"),
            ("b.R", 3, "<top level>", "x <- 5 5"),
        ])
        self.assertTrue(error["message"].startswith("b.R:3:8: unexpected numeric constant\n"), error["message"])

    def test_a_syntax_error_in_text_that_no_file_has_is_where_the_text_is_parsed(self):
        error = self.run_program("\nx <- parse(text = 'a b')").error
        self.assertEqual((error["type"], error["line"]), ("parseError", 2))
        self.assertEqual(places(error), [("main.R", 2, "<top level>", "x <- parse(text = 'a b')")])
        error = self.run_program("\nstop('u.R:3:1: unexpected guest')", files={"u.R": "1\n2\n3\n"}).error
        self.assertEqual((error["type"], error["line"]), ("simpleError", 2))

    def test_an_error_before_a_syntax_error_is_that_error(self):
        error = self.run_program("f <- function() stop('a')\nf()\nx <- 5 5").error
        self.assertEqual((error["type"], error["message"], error["line"]), ("simpleError", "a", 1))

    def test_the_class_of_a_condition_is_its_type(self):
        code = "stop(structure(class = c('my_error', 'error', 'condition'), list(message = 'mine', call = NULL)))"
        error = self.run_program(code).error
        self.assertEqual((error["type"], error["message"]), ("my_error", "mine"))

    def test_endless_recursion_is_an_error(self):
        error = self.run_program("f <- function(n) {\n  1 + f(n + 1)\n}\n\nf(1)").error
        self.assertEqual((error["type"], error["line"]), ("CStackOverflowError", 5))
        error = self.run_program("options(expressions = 500)\nf <- function(n) {\n  f(n + 1)\n}\nf(1)").error
        self.assertEqual((error["type"], error["line"], len(error["frames"])), ("expressionStackOverflowError", 2, 100))

    def test_memory_that_cannot_be_had_is_an_error_of_its_own(self):
        self.assertEqual(self.run_program("x <- numeric(1e13)").error["type"], "outOfMemoryError")

    def test_a_condition_whose_message_fails_is_an_error(self):
        code = (
            "conditionMessage.odd <- function(c) stop('no')\n"
            "f <- function() stop(structure(class = c('odd', 'error', 'condition'), list()))\nf()"
        )
        result = self.run_program(code)
        self.assertEqual(result.status, 1)
        error = result.error
        self.assertEqual((error["type"], error["message"], error["line"]), ("simpleError", "no", 1))

    def test_errors_that_are_caught_are_not_sent(self):
        self.assertEqual(self.run_program("try(stop('a'), silent = TRUE)\ninvisible(1)").messages, [])
