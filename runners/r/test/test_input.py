"""The shapes that JSON becomes: parameters, data, .json files."""

import json

from .harness import RunnerTest

# JSON: what dput shows of it
SHAPES = {
    "null": "NULL",
    "1": "1L",
    "1.0": "1",
    "12345678901": "12345678901",
    "true": "TRUE",
    '"a\\"\\\\\\/\\n\\u00e9\\ud83d\\ude00\\u0000"': '"a\\"\\\\/\\né\U0001F600\ufffd"',
    "[]": "list()",
    "{}": "structure(list(), names = character(0))",
    "[1,2]": "1:2",
    "[1,2.5,null]": "c(1, 2.5, NA)",
    "[null,true]": "c(NA, TRUE)",
    '[1,"a",true,null]': 'c("1", "a", "TRUE", NA)',
    "[[1,2],[3,4]]": "structure(c(1L, 3L, 2L, 4L), dim = c(2L, 2L))",
    "[[1,2],[3]]": "list(1:2, 3L)",
    '{"a":1,"b":null,"c":[1]}': "list(a = 1L, b = NULL, c = 1L)",
    '{"a":{"":"x"},"b c":[]}': 'list(a = structure(list("x"), names = ""), "b c" = list())',
    '[{"a":1,"b":"x"},{"b":null,"c":true}]':
        'structure(list(a = c(1L, NA), b = c("x", NA), c = c(NA, TRUE)), class = "data.frame", row.names = c(NA, -2L))',
    '[{"a":[1,2]},{"a":[]}]':
        'structure(list(a = list(1:2, list())), class = "data.frame", row.names = c(NA, -2L))',
    '[{"a":{"x":1}},{}]':
        'structure(list(a = structure(list(x = c(1L, NA)), class = "data.frame", row.names = c(NA, -2L))), '
        'class = "data.frame", row.names = c(NA, -2L))',
    '[{"a":1},[1]]': "list(list(a = 1L), 1L)",
    '"stop(1)"': '"stop(1)"',
}
# text: what is said of it
INVALID = {
    "": "it is empty",
    "[1,]": "unexpected ] at line 1, column 4",
    "[,1]": "unexpected , at line 1, column 2",
    '{"a"}': "unexpected } at line 1, column 5",
    '{"a":}': "unexpected } at line 1, column 6",
    '{\n  "a": 1,\n}': "unexpected } at line 3, column 1",
    "{a:1}": "unexpected a at line 1, column 2",
    "[1 2]": "unexpected 2 at line 1, column 4",
    "[1": "unexpected end at line 1, column 3",
    '["é", {"b": [1}': "unexpected } at line 1, column 15",
    "1]": "unexpected ] at line 1, column 2",
    "[1, }, 2]]": "unexpected } at line 1, column 5",
    "[1],": "unexpected , at line 1, column 4",
    '{"a":1]': "unexpected ] at line 1, column 7",
    '["abc", "d]': "a string that has no end at line 1, column 9",
    "[1,\r\n tru]": "unexpected tru at line 2, column 2",
    "01": "unexpected 01 at line 1, column 1",
    "1.": "unexpected 1. at line 1, column 1",
    '["a":1]': "unexpected : at line 1, column 5",
    '{"a","b"}': "unexpected , at line 1, column 5",
    "{1:2}": "unexpected 1 at line 1, column 2",
    "1 2": "unexpected 2 at line 1, column 3",
    '["\\n", "é\\\\",\n "\\t\\x"]': "\\x in the string at line 2, column 2",
    '["a\nb"]': "a control character in the string at line 1, column 2",
    '{"a": "x,\n "b": 1}': "a control character in the string at line 1, column 7",
}


class InputTest(RunnerTest):
    def test_json_becomes_the_shapes_of_jsonlite(self):
        code = (
            "for (json in input_data) {\n  writeLines(json, 'x.json')\n"
            "  cat(deparse(load_file('x.json'), width.cutoff = 500L), '\\n', sep = '')\n}"
        )
        result = self.run_program(code, data=list(SHAPES))
        self.assertEqual(result.stderr, "")
        self.assertEqual(dict(zip(SHAPES, result.stdout.splitlines())), SHAPES)

    def test_what_is_no_json_is_refused_with_the_file_and_the_place(self):
        code = (
            "for (json in input_data) {\n  cat(json, file = 'x.json')\n"
            "  cat(tryCatch({ load_file('x.json'); 'accepted' }, error = conditionMessage), '\\n', sep = '')\n}"
        )
        lines = self.run_program(code, data=list(INVALID)).stdout.splitlines()
        beginning = f"'{self.workspace}/x.json' is not valid JSON: "
        self.assertEqual(dict(zip(INVALID, lines, strict=True)), {k: beginning + said for k, said in INVALID.items()})

    def test_json_that_is_nested_too_deep_is_refused(self):
        error = self.run_program("load_file('x.json')", files={"x.json": "[" * 101 + "]" * 101}).error
        self.assertEqual(
            error["message"], f"'{self.workspace}/x.json' is JSON that is nested deeper than 100 levels"
        )

    def test_a_line_that_is_no_json_is_named_by_its_number(self):
        for text, said in (
            ('{"a": 1}\n\n{"a": }\n', "unexpected } at line 3, column 7"),
            ('{"a": 1}\n{"a":\n1}\n', "unexpected end at line 2, column 6"),
        ):
            error = self.run_program("x <- load_file('x.jsonl')", files={"x.jsonl": text}).error
            self.assertEqual(error["message"], f"'{self.workspace}/x.jsonl' is not valid JSON: {said}")

    def test_parameters_and_data_are_there_by_name(self):
        code = "str(parameters)\nidentical(data, input_data)\ndata(cars)\nsave_result('rows', nrow(cars))\ninput_data"
        data = [{"x": 1, "y": "ü"}, {"x": None, "y": "b"}]
        result = self.run_program(code, parameters={"k": 1, "name": "é"}, data=data)
        self.assertEqual(result.value, data)
        self.assertEqual(result.results, {"rows": 50})
        self.assertIn("List of 2\n $ k   : int 1\n $ name: chr \"é\"\n[1] TRUE\n", result.stdout)

    def test_they_are_empty_when_the_job_has_none(self):
        result = self.run_program("list(parameters, input_data, data, uploaded_files, workspace == getwd(), job_id)")
        self.assertEqual(result.value, [{}, None, None, [], True, "job-1"])

    def test_large_data_comes_back_as_it_was(self):
        data = [{"id": i, "name": f"n{i} \"ü\"", "value": i / 7, "ok": i % 2 == 0} for i in range(20_000)]
        self.assertGreater(len(json.dumps(data)), 1_000_000)
        self.assertEqual(self.run_program("invisible(save_result(input_data))", data=data).results["result"], data)
