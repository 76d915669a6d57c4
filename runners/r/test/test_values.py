"""What values become."""

from .harness import RunnerTest

VALUES = {
    "NULL": None,
    "TRUE": True,
    "c(TRUE, NA)": [True, None],
    "5L": 5,
    "1:3": [1, 2, 3],
    "100000L": 100000,
    "0.1": 0.1,
    "1/3": 1 / 3,
    "c(1e300, 2^53, -1e-5)": [1e300, 9007199254740992, -1e-5],
    "paste0('a\"b\\\\c\\n\\u00e9\\U0001F600', intToUtf8(1))": 'a"b\\c\né\U0001F600\x01',
    "c('x', NA)": ["x", None],
    "character()": [],
    "c(a = 1, b = 2)": {"a": 1, "b": 2},
    "list()": [],
    "list(1, 'x', NULL)": [1, "x", None],
    "list(a = 1, b = list(c = 2:3))": {"a": 1, "b": {"c": [2, 3]}},
    "setNames(list(), character())": {},
    "c(NaN, -Inf)": [{"$type": "numeric", "repr": "NaN"}, {"$type": "numeric", "repr": "-Inf"}],
    "matrix(1:6, 2)": [[1, 3, 5], [2, 4, 6]],
    "array(1:8, c(2, 2, 2))[, , 1:2]": [[[1, 5], [3, 7]], [[2, 6], [4, 8]]],
    "matrix(0, 0, 2)": [],
    "factor(c('b', NA))": ["b", None],
    "as.Date('2024-02-01')": "2024-02-01",
    "as.POSIXct(c(0, 1.5), origin = '1970-01-01')": ["1970-01-01T00:00:00.000000Z", "1970-01-01T00:00:01.500000Z"],
    "as.POSIXlt('2024-01-02 03:04:05', tz = 'UTC')": "2024-01-02T03:04:05Z",
    "table(c('a', 'b', 'a'))": {"a": 2, "b": 1},
    "I('x')": "x",
    "data.frame(n = 1:2, s = c('x', NA), f = factor(c('u', 'v')))":
        [{"n": 1, "s": "x", "f": "u"}, {"n": 2, "s": None, "f": "v"}],
    "data.frame()": [],
    "mtcars[1, 1:2]": [{"mpg": 21, "cyl": 6, "_row": "Mazda RX4"}],
    "{ d <- data.frame(a = 1:2); d$l <- list(1:2, 'x'); d$m <- matrix(1:4, 2); d }":
        [{"a": 1, "l": [1, 2], "m": [1, 3]}, {"a": 2, "l": "x", "m": [2, 4]}],
    "list(a = 1, 2)": {
        "$type": "list", "repr": "$a\n[1] 1\n\n[[2]]\n[1] 2\n", "length": 2, "items": [["a", 1], ["", 2]],
    },
    "list(`$type` = 1)": {"$type": "list", "repr": "$`$type`\n[1] 1\n", "length": 1, "items": [["$type", 1]]},
    "as.difftime(3, units = 'days')": {"$type": "difftime", "repr": "Time difference of 3 days", "json": 3},
    "function(x) x": {"$type": "function", "repr": "function (x) \nx"},
    "1i": {"$type": "complex", "repr": "[1] 0+1i"},
    "as.raw(1)": {"$type": "raw", "repr": "[1] 01"},
    "quote(a + b)": {"$type": "call", "repr": "a + b"},
    "globalenv()": {"$type": "environment", "repr": "<environment: R_GlobalEnv>"},
    "structure(list(1), class = 'mine')": {"$type": "mine", "repr": "MINE"},
    "structure(list(1), class = 'broken')": {"$type": "broken", "repr": "<print failed: no>"},
    "'\\xff'": "\ufffd",
}


class ValueTest(RunnerTest):
    def test_values_become_json(self):
        code = "print.mine <- function(x, ...) cat('MINE')\nprint.broken <- function(x, ...) stop('no')\n"
        code += "".join(f"save_result('r{i}', {expression})\n" for i, expression in enumerate(VALUES))
        result = self.run_program(code)
        self.assertEqual(result.stderr, "")
        for i, (expression, expected) in enumerate(VALUES.items()):
            with self.subTest(expression):
                self.assertEqual(result.results[f"r{i}"], expected)

    def test_what_is_deep_or_long_is_described(self):
        code = (
            "x <- 1; for (i in 1:70) x <- list(x)\nsave_result('deep', x)\n"
            "save_result('long', strrep('é', 9e6))\nsave_result('wide', seq_len(3e6) / 7)\n"
            "save_result('text', structure(list(strrep('y', 3000)), class = 'c'))"
        )
        result = self.run_program(code)
        level, depth = result.results["deep"], 0
        while isinstance(level, list):
            (level,), depth = level, depth + 1
        self.assertEqual((depth, level["$type"]), (64, "list"))
        self.assertEqual((result.results["long"]["$type"], result.results["long"]["length"]), ("character", 1))
        self.assertEqual((result.results["wide"]["$type"], result.results["wide"]["length"]), ("numeric", 3_000_000))
        self.assertEqual(len(result.results["text"]["repr"]), 2000)
        self.assertEqual(result.warnings, [
            f"result '{name}' is too large for one message; only a description of it was kept"
            for name in ("long", "wide")
        ])

    def test_a_message_just_large_enough_arrives_whole(self):
        result = self.run_program("save_result(strrep('é', 4e6))")
        self.assertEqual(len(result.results["result"]), 4_000_000)
