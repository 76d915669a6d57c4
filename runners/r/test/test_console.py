"""What a program sees of the R it runs in, and how it ends."""

import os

from .harness import RunnerTest

LIKE_RSCRIPT = {
    "values": """
        x <- 3; (x <- 4); invisible(5); NULL; if (FALSE) 1
        f <- function(y) {
          # a comment
          y+1 }
        f
        print(f); str(f); f(1)
        list(a = 1, b = "ü"); quote(a + b); data.frame(n = 1:2)
        library(stats); assign("z", 1)
        r <- try(log("a")); tryCatch(stop("b"), error = conditionMessage, finally = cat("c")); geterrmessage()
    """,
    "warnings": """
        f <- function() as.integer("a")
        f()
        for (i in 1:3) warning(paste("number", i))
        message("to stderr")
        options(warn = 1); f()
        for (i in 1:60) warning(i)
    """,
    "an error": "g <- function(y) stop('bad ', y)\nf <- function(x) g(x)\nwarning('before')\nf(3)\ncat('never')",
    "a syntax error": "cat('runs\\n')\nx <- 5 5\ncat('never')",
    "an incomplete program": "cat('runs\\n')\nx <- c(1,",
    "a handler of its own": "options(error = quote({ cat('mine\\n'); q(status = 7) }))\nf <- function() stop('x')\nf()",
    "an error that does not end it": "options(error = expression(cat('caught\\n')))\nstop('one')\ncat('after\\n')",
    "a pending warning at quit": "f <- function() { warning('pending'); quit(status = 4) }\nf()",
    "the end": ".Last <- function() cat('last\\n')\ninvisible(reg.finalizer(globalenv(), function(e) cat('f'), TRUE))",
    "the stack": "sys.nframe(); sys.calls(); parent.frame(); f <- function() sys.call(); f(); ls(all.names = TRUE)",
    "a signal": "tools::pskill(Sys.getpid(), 15)\nSys.sleep(5)",
    "input": "readLines('stdin', 1); readline('name? '); interactive(); commandArgs(); commandArgs(TRUE)",
    "the console as a connection": "x <- readLines(stdin(), 1)\nthis is read\nx\nshowConnections()\n",
    "windows line ends": "x <- 1\r\nf <- function() {\r\n  stop('e')\r\n}\r\nf()\r\n",
}


class ConsoleTest(RunnerTest):
    def test_a_program_prints_warns_fails_and_ends_as_in_rscript(self):
        for name, code in LIKE_RSCRIPT.items():
            with self.subTest(name):
                self.assert_like_plain(code, ["a", "-b", "c d"], stdin="1\n2\n")

    def test_the_visible_value_of_the_last_expression_is_sent(self):
        self.assertEqual(self.run_program("x <- 20\nx * 2 + 2").value, 42)
        for code in ("invisible(5)", "NULL", "5; quit()", "5; stop('a')"):
            with self.subTest(code):
                self.assertEqual(self.run_program(code).of_type("value"), [])

    def test_the_environment_is_that_of_the_task(self):
        code = (
            "Sys.getenv(c('X', 'EMPTY', 'UTF'))\nformat(as.POSIXct(0, origin = '1970-01-01'), '%H')\n"
            "Sys.getlocale('LC_TIME')"
        )
        result = self.run_program(code, env={"X": "1", "EMPTY": "", "UTF": "é", "TZ": "Asia/Tokyo", "LC_ALL": "C"})
        self.assertEqual(result.value, "C")
        self.assertIn('[1] "09"', result.stdout)

    def test_libraries_are_found_where_the_environment_says(self):
        result = self.run_program("dir.create('lib')\n.libPaths()[1]", files={"lib/x": ""}, env={"R_LIBS": "lib"})
        self.assertEqual(result.value, self.workspace + "/lib")

    def test_random_numbers_are_new_in_every_run(self):
        code = "save_result('seed', exists('.Random.seed'))\nrunif(1)"
        first, second = self.run_program(code), self.run_program(code)
        self.assertEqual(first.results, {"seed": False})
        self.assertNotEqual(first.value, second.value)

    def test_nothing_of_the_runner_is_left_anywhere(self):
        code = "rm(list = ls())\nsave_result('search', search()[2:3])\nlist.files(all.files = TRUE, no.. = TRUE)"
        result = self.run_program(code)
        self.assertEqual(result.value, "main.R")
        self.assertEqual(result.results, {"search": ["glovebox", "package:stats"]})
        self.assertEqual(os.listdir(self.job), [])

    def test_other_files_of_the_request_can_be_sourced(self):
        code = "source('lib/area.R')\narea(2)"
        self.assertEqual(self.run_program(code, files={"lib/area.R": "area <- function(r) r^2"}).value, 4)

    def test_an_entry_in_a_folder_keeps_its_name(self):
        result = self.run_program(entry="app/tool.R", files={"app/tool.R": "sub('--file=', '', commandArgs()[4])"})
        self.assertEqual(result.value, "app/tool.R")

    def test_a_missing_entry_ends_with_status_2(self):
        result = self.run_program(entry="none.R")
        self.assertEqual(result.status, 2)
        self.assertEqual(result.stderr, "Fatal error: cannot open file 'none.R': No such file or directory\n")
        self.assertEqual((result.error["message"], result.error["frames"]), ("cannot open file 'none.R'", []))

    def test_messages_outlive_all_connections(self):
        result = self.run_program("closeAllConnections()\nsave_result('a', 1)\n2")
        self.assertEqual((result.results, result.value), ({"a": 1}, 2))

    def test_processes_that_the_program_forks_send_only_what_they_ask_to(self):
        code = (
            "f <- function(i) { save_result(paste0('r', i), i); i^2 }\n"
            "unlist(parallel::mclapply(1:2, f, mc.cores = 2))"
        )
        result = self.run_program(code)
        self.assertEqual((result.value, result.results), ([1, 4], {"r1": 1, "r2": 2}))
        self.assertEqual(len(result.messages), 3)

    def test_returned_variables_are_those_of_the_global_environment(self):
        code = "a <- list(k = 1:2)\nb <- function() 1\nstop('end')"
        result = self.run_program(code, returnVariables=["a", "none", "save_result", "b"])
        (message,) = result.of_type("variables")
        function = {"$type": "function", "repr": "function () \n1"}
        self.assertEqual(message["variables"], {"a": {"k": [1, 2]}, "b": function})
        self.assertEqual(result.warnings, [
            f"returnVariables: the program has no variable '{name}'" for name in ("none", "save_result")
        ])

    def test_a_process_that_is_never_started_ends_quietly(self):
        result = self.park().wait()
        self.assertEqual((result.status, result.stdout, result.stderr, result.messages), (0, "", "", []))

    def test_the_runner_starts_without_what_was_made_ahead(self):
        self.assertEqual(self.park(warm="/nowhere").wait().status, 0)
