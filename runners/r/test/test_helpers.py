"""What programs can use: results, files, progress, displays, plots."""

import base64
import json
import os
import struct

from .harness import RunnerTest


def png_size(text):
    image = base64.b64decode(text, validate=True)
    assert image.startswith(b"\x89PNG") and image[-8:-4] == b"IEND"
    return struct.unpack(">II", image[16:24])


def caught(*calls):
    """A program that prints the errors of calls."""
    return "".join(f"invisible(tryCatch({call}, error = print))\n" for call in calls)


class HelperTest(RunnerTest):
    def test_results_are_sent_by_name(self):
        code = "save_result('mean', 2.5)\nsave_result(list(a = 1))\nsave_result(value = 3, name = 'x')"
        result = self.run_program(code)
        self.assertEqual(result.messages, [
            {"type": "result", "name": "mean", "value": 2.5},
            {"type": "result", "name": "result", "value": {"a": 1}},
            {"type": "result", "name": "x", "value": 3},
        ])

    def test_mistakes_name_the_argument_and_the_call(self):
        result = self.run_program(caught(
            "save_result(5, 1)", "save_result('', 1)", "save_result('a\\nb', 1)", "report_progress('half')",
            "report_progress(101)", "load_file(5)", "load_csv_file('none.csv')", "save_file('../x', 'a')",
            "save_file('/etc/x', 'a')", "save_file('x.pdf', mtcars)", "save_file('x', sum)", "load_file('main.xlsx')",
        ), files={"main.xlsx": "PK"})
        self.assertEqual(result.stdout.splitlines(), [
            "<simpleError in save_result(5, 1): 'name' must be one character string>",
            "<simpleError in save_result(\"\", 1): 'name' must have 1 to 200 printable characters>",
            "<simpleError in save_result(\"a\\nb\", 1): 'name' must have 1 to 200 printable characters>",
            "<simpleError in report_progress(\"half\"): 'fraction' must be one number or NULL>",
            "<simpleError in report_progress(101): 'fraction' must be from 0 to 1, or a percentage up to 100, not 101>",
            "<simpleError in load_file(5): 'name' must be the name of a file, one character string>",
            f"<simpleError in load_csv_file(\"none.csv\"): there is no file '{self.workspace}/none.csv'>",
            f"<simpleError in save_file(\"../x\", \"a\"): 'name' must stay below the workspace {self.workspace}, "
            "not '../x'>",
            f"<simpleError in save_file(\"/etc/x\", \"a\"): 'name' must stay below the workspace {self.workspace}, "
            "not '/etc/x'>",
            "<simpleError: a data frame cannot be written as .pdf; use .csv, .tsv, .json, .jsonl or .rds>",
            "<simpleError: 'content' must be text, raw bytes, a data frame or a list, not function>",
            "<simpleError: reading .xlsx needs a package such as readxl or arrow>",
        ])

    def test_progress_is_a_fraction_or_a_percentage(self):
        code = "for (x in list(0, 0.5, 50, 100L, NULL)) report_progress(x)\nreport_progress(1, 'done')"
        result = self.run_program(code)
        self.assertEqual([m["fraction"] for m in result.messages], [0, 0.5, 0.5, 1, None, 1])
        self.assertEqual(result.messages[-1], {"type": "progress", "fraction": 1, "message": "done"})

    def test_files_are_read_by_their_extension(self):
        files = {
            "a.csv": "\ufeffn,s\n1,b\n", "a.tsv": "n\ts\n2\tc\n", "b.json": '{"x":[1,2]}',
            "b.jsonl": '{"x":1}\n\n{"x":2}\n', "c.txt": "text é\n",
        }
        code = (
            "list(load_csv_file('a.csv'), load_file('a.csv')$n, load_file('a.tsv'), load_file('b.json')$x,"
            " load_file('b.jsonl'), load_file('c.txt'), load_file('a.csv', header = FALSE)$V2, uploaded_files)"
        )
        self.assertEqual(self.run_program(code, files=files).value, [
            [{"n": 1, "s": "b"}], 1, [{"n": 2, "s": "c"}], [1, 2], [{"x": 1}, {"x": 2}], "text é\n", ["s", "b"],
            list(files),
        ])

    def test_files_are_written_by_their_content(self):
        code = (
            "p <- save_file('d/e/a.txt', 'no end of line')\n"
            "save_file('b.txt', c('x', 'y')); save_file('c.bin', as.raw(0:2))\n"
            "d <- data.frame(n = 1:2, s = c('u', NA))\n"
            "save_file('d.csv', d); save_file('d.json', d); save_file('d.jsonl', d)\n"
            "save_file('l.json', list(k = 'é')); save_file('d.rds', d); stopifnot(identical(load_file('d.rds'), d))\np"
        )
        result = self.run_program(code)
        self.assertEqual(result.value, self.workspace + "/d/e/a.txt")
        texts = [self.read(name) for name in ("d/e/a.txt", "b.txt", "c.bin")]
        self.assertEqual(texts, ["no end of line", "x\ny\n", "\0\1\2"])
        self.assertEqual(self.read("d.csv"), '"n","s"\n1,"u"\n2,NA\n')
        rows = [{"n": 1, "s": "u"}, {"n": 2, "s": None}]
        self.assertEqual(json.loads(self.read("d.json")), rows)
        self.assertEqual([json.loads(line) for line in self.read("d.jsonl").splitlines()], rows)
        self.assertEqual(self.read("l.json"), '{"k":"é"}\n')

    def test_the_program_may_give_the_names_other_meanings(self):
        code = "data <- 1\nsave_result <- function(x) x + 1\nc(data, save_result(1))"
        self.assertEqual(self.run_program(code).value, [1, 2])

    def test_displays_have_every_form_of_an_object(self):
        result = self.run_program("display('text', 1:2, data.frame(a = '<b>'))\ndata.frame(n = 1)\n")
        table = "<table>\n<tr><th>{}</th></tr>\n<tr><td>{}</td></tr>\n</table>"
        self.assertEqual(result.displays, [
            {"text/plain": "text"},
            {"text/plain": "[1] 1 2"},
            {
                "text/plain": "    a\n1 <b>", "text/html": table.format("a", "&lt;b&gt;"),
                "application/json": [{"a": "<b>"}],
            },
            {"text/plain": "  n\n1 1", "text/html": table.format("n", "1"), "application/json": [{"n": 1}]},
        ])

    def test_every_page_that_is_drawn_is_a_display(self):
        code = (
            "plot(1:3)\nhist(c(1, 2, 2))\ninvisible(dev.off())\ndev.new(width = 3, height = 2)\nplot(1)\n"
            "grid::grid.newpage(); grid::grid.text('x')\n"
            "png('own.png', 100, 100); plot(1); invisible(dev.off())\n"
            "stop('end')"
        )
        result = self.run_program(code)
        sizes = [png_size(display["image/png"]) for display in result.displays]
        self.assertEqual(sizes, [(672, 672), (672, 672), (288, 192), (288, 192)])
        self.assertEqual([message["type"] for message in result.messages], ["display"] * 3 + ["error", "display"])
        self.assertEqual(sorted(os.listdir(self.workspace)), ["main.R", "own.png"])

    def test_displays_come_in_the_order_in_which_they_are_finished(self):
        code = (
            "main <- function() {\n  plot(1)\n  lines(1)\n  dev.new(width = 2, height = 2)\n  plot(2)\n  plot(3)\n"
            "  display('after the second')\n  invisible(dev.off())\n}\nmain()\nlines(2)\nsave_result(1)\n"
            "plot(4)\ndisplay('after the first')\ndata.frame(n = 1)\n"
        )
        result = self.run_program(code)
        shown = [
            png_size(message["data"]["image/png"]) if "image/png" in message["data"] else message["data"]["text/plain"]
            for message in result.of_type("display")
        ]
        self.assertEqual(shown, [
            (192, 192), "after the second", (192, 192), (672, 672), "after the first", (672, 672), "  n\n1 1",
        ])
        self.assertEqual([message["type"] for message in result.messages], [
            "display", "display", "display", "result", "display", "display", "display", "value", "display",
        ])

    def test_a_page_is_sent_once_and_by_the_program_alone(self):
        code = (
            "par(mfrow = c(1, 2))\nplot(1)\nplot(2)\nplot(3)\n"
            "invisible(parallel::mclapply(1, function(i) display('child')))\nplot(4)\ninvisible(dev.off())\n"
        )
        displays = self.run_program(code).displays
        self.assertEqual(sorted(form for display in displays for form in display), ["image/png"] * 2 + ["text/plain"])

    def test_plot_objects_are_displayed_as_images(self):
        result = self.run_program("display(grid::circleGrob())\ngrid::circleGrob()\nsave_result('g', grid::nullGrob())")
        self.assertEqual(result.displays[0]["text/plain"], "<circle>")
        self.assertEqual(png_size(result.displays[0]["image/png"]), (672, 672))
        self.assertEqual(result.results["g"], {"$type": "null", "repr": "<null>"})

    def test_jsonlite_is_there(self):
        if self.run_plain("library(jsonlite)").status != 0:
            self.skipTest("needs r-cran-jsonlite")
        code = "library(jsonlite)\nfromJSON(Sys.getenv('INPUT_DATA'))"
        self.assertEqual(self.run_program(code, env={"INPUT_DATA": "[1,2]"}).value, [1, 2])


class CheckTest(RunnerTest):
    def test_a_program_is_checked_without_running(self):
        right, wrong = self.check("stop('never')\n"), self.check("x <- 1\ny <- 5 5\n")
        self.assertEqual((right.status, right.stdout, right.stderr), (0, "", ""))
        self.assertEqual((wrong.status, wrong.stderr.splitlines()[0]), (1, "main.R:2:8: unexpected numeric constant"))
