"""save_result and report_progress."""

import json

from .harness import RunnerTest


class HelpersTest(RunnerTest):
    def values(self, *texts):
        """What each text becomes as a value; the texts come in files, so that they can hold anything."""
        for index, text in enumerate(texts):
            self.write(f"in-{index}", text)
        result = self.run_program(f"for ((i = 0; i < {len(texts)}; i++)); do save_result v$i - <in-$i; done")
        self.assertEqual((result.stderr, result.status), ("", 0))
        return [result.results[f"v{index}"] for index in range(len(texts))]

    def test_results_have_a_name_or_are_the_result(self):
        for entry in ("main.sh", "other.sh"):
            code = (
                "save_result total 58\nsave_result text\necho piped | save_result from_pipe -\n"
                "echo 7 | save_result\nsave_result total 59\n"
            )
            result = self.run_program(code, entry=entry)
            self.assertEqual((result.stdout, result.stderr, result.status), ("", "", 0))
            self.assertEqual(
                [(message["name"], message["value"]) for message in result.of_type("result")],
                [("total", 58), ("result", "text"), ("from_pipe", "piped"), ("result", 7), ("total", 59)],
            )

    def test_a_value_is_json_if_it_is_valid_json(self):
        texts = [
            "true", "false", "null", "0", "-1.5e3", " 7 ", '"text"', "[]", "{}",
            ' [ 1 , {"a" : [true, null, "b"]} ,-0.5]\n', '{"a":1,"a":2}', '"\\u00e9\\n\\"\\\\\\/\\ud83d\\ude00"',
            '{"a\\"b":"c\\\\"}', '["\xe9", "\u20ac"]', "9007199254740991", '[\n\t"a",\r\n\t1\n]', '""', '["",""]',
        ]
        self.assertEqual(self.values(*texts), [json.loads(text) for text in texts])

    def test_a_value_is_text_if_it_is_not(self):
        texts = [
            "hello", "", "007", "1.", ".5", "+1", "0x10", "1e", "NaN", "Infinity", "True", "[1,]", "[1 2]", "{", "}",
            "{]", "[}", "{'a':1}", '{"a"}', '{"a":}', '{"a":1,}', "{1:2}", '["a', '"a"b', '"a" "b"', '"\\x"',
            '"\\u12"', '"\\ud800"', '"\\ude00\\ud83d"', '"a\tb"', '["a\nb"]', "[1]]", "[[1]", "[1],[2]", "1,2",
            "nulltrue", "tru", '"\\"', "[\\]", "[1:2]", '{"a" "b"}', "[,1]", "[1,,2]", '["a"1]', '[1"a"]', "{,}",
            ":", "[v]", "[k]", "[e]", "[o]", "* ?", "[*]", "[1e400]", "9007199254740992", "[12345678901234567890]",
            '{"$type":"X","repr":"y"}', '{"\\u0024type":1}', "[" * 65 + "]" * 65, '["\\ud83d"]', "-", "--1", "01",
            "[1\f]", '{"a":1 "b":2}', '[{"a":[}]',
        ]
        self.assertEqual(self.values(*texts), texts)

    def test_every_valid_value_keeps_what_it_says(self):
        value = {
            "deep": [[[{"x": [1, 2.25, -3e-7, True, None, ""]}]]],
            "text": '"\\/\b\f\n\r\t\x01\u20ac\U0001f600',
            "": {},
            "k": [[], {}],
            "$typ": 1,
        }
        texts = [json.dumps(value), json.dumps(value, ensure_ascii=False, indent=2), "[" * 64 + "]" * 64]
        self.assertEqual(self.values(*texts), [json.loads(text) for text in texts])

    def test_text_of_any_bytes_becomes_unicode(self):
        every = bytes(range(1, 256)) + "\u00e9\u20ac\U0001f600".encode()
        texts = [
            every,
            b"\xc3",
            b"a\xe2\x82",
            b"\xed\xa0\x80",
            b"\xf4\x90\x80\x80",
            b"\xc0\xaf",
            b'["\xff"]',
            b'quote " and \\',
            b"\\n & \\\\ ${x} %s \\x41",
        ]
        expected = [text.decode("utf-8", "replace") for text in texts]
        expected[2] = "a\ufffd\ufffd"
        self.assertEqual(self.values(*texts), expected)

    def test_long_texts_are_whole(self):
        texts = [
            "line \u00e9 \U0001f600\n" * 3000 + "end",
            "x" * 300_000,
            '\\"' * 5000,
            json.dumps([{"id": n, "name": f'n"{n}\n'} for n in range(500)]),
            json.dumps(list(range(3000))),
        ]
        self.assertEqual(self.values(*texts), texts[:3] + [json.loads(text) for text in texts[3:]])

    def test_a_value_too_large_is_described_with_a_warning(self):
        result = self.run_program("printf -v text '%*s' 8400000 ''\nsave_result big \"$text\"")
        value = result.results["big"]
        self.assertEqual((value["$type"], len(value["repr"]), value["length"]), ("string", 2000, 8_400_000))
        self.assertEqual(
            result.of_type("warning"),
            [
                {
                    "type": "warning",
                    "message": "result big is too large for one message; only a description of it was kept",
                }
            ],
        )

    def test_progress_is_a_fraction_or_a_percentage(self):
        code = (
            "for f in 0 0.5 .25 1 1.0 50 07 2.5 99.9 100 ''; do report_progress \"$f\"; done\n"
            "report_progress 1 $'done \\xff\\n'"
        )
        result = self.run_program(code)
        self.assertEqual(
            [message["fraction"] for message in result.messages],
            [0, 0.5, 0.25, 1, 1, 0.5, 0.07, 0.025, 0.999, 1, None, 1],
        )
        self.assertEqual([message["message"] for message in result.messages[-2:]], [None, "done \ufffd\n"])

    def test_mistakes_are_told_as_bash_tells_them(self):
        code = (
            "f() {\n  report_progress half\n}\nf\necho $?\nreport_progress 101\nreport_progress\nsave_result '' 1\n"
            "save_result a b c\nsave_result $'a\\nb' 1\n"
        )
        long_name = "\u00e9" * 200
        for entry in ("main.sh", "other.sh"):
            result = self.run_program(f"{code}save_result {'x' * 201} 1\nsave_result {long_name} 1", entry=entry)
            path = f"{self.workspace}/{entry}"
            self.assertEqual(
                result.stderr.splitlines(),
                [
                    (
                        f"{path}: line 2: report_progress: fraction must be from 0 to 1, or a percentage up to 100, not"
                        " 'half'"
                    ),
                    (
                        f"{path}: line 6: report_progress: fraction must be from 0 to 1, or a percentage up to 100, not"
                        " '101'"
                    ),
                    f"{path}: line 7: report_progress: takes a fraction and a message, not 0 arguments",
                    f"{path}: line 8: save_result: name must have 1 to 200 printable characters, not ''",
                    f"{path}: line 9: save_result: takes a name and a value, not 3 arguments",
                    f"{path}: line 10: save_result: name must have 1 to 200 printable characters, not 'a",
                    "b'",
                    f"{path}: line 11: save_result: name must have 1 to 200 printable characters, not '{'x' * 80}'",
                ],
            )
            self.assertEqual((result.stdout, list(result.results)), ("2\n", [long_name]))

    def test_helpers_work_whatever_the_program_has_set(self):
        code = (
            "set -eufo pipefail\nset -o posix -o noclobber -T -E\nshopt -s nocasematch extglob nullglob failglob\n"
            "IFS=,\nexport LC_ALL=C\nreadonly name=1 value=2 text=3 REPLY_=4\ntrap 'echo debug >/dev/null' DEBUG\n"
            "trap 'echo failed' ERR\ntrap 'echo bye' EXIT\nsave_result a '[1, TRUE]'\n"
            "save_result b '{\"x\": [1,2]}'\nsave_result c $'\\xc3\\xa9,*'\nreport_progress 50 '*'\n"
            "echo \"$IFS $- $name\"\n"
        )
        for entry in ("main.sh", "other.sh"):
            result = self.run_program(code, entry=entry)
            self.assertEqual((result.stderr, result.status), ("", 0))
            self.assertEqual(result.results, {"a": "[1, TRUE]", "b": {"x": [1, 2]}, "c": "\xe9,*"})
            self.assertTrue(result.stdout.startswith(", "), result.stdout)
            self.assertTrue(result.stdout.endswith("bye\n"), result.stdout)

    def test_a_trace_shows_the_call_and_nothing_of_the_helper(self):
        result = self.run_program("set -x\nsave_result a 1\n")
        self.assertEqual(result.stderr, "+ save_result a 1\n")

    def test_a_refused_call_ends_a_program_with_errexit(self):
        result = self.run_program("set -e\nsave_result '' 1\necho never")
        self.assertEqual((result.stdout, result.status), ("", 2))

    def test_helpers_leave_nothing_in_the_shell(self):
        code = (
            "trap 'echo own' PIPE\n"
            "before=$(set -o; shopt; trap -p; declare -p | grep -v -e BASH -e PIPESTATUS -e ' _=' -e RANDOM -e"
            " EPOCH -e SECONDS -e LINENO)\n"
        )
        after = "after" + code.split("before", 1)[1]
        result = self.run_program(
            code
            + "save_result a '[\"x\"]'; report_progress 1 z; REPLY=\n"
            + after
            + 'diff <(echo "$before") <(echo "$after") | grep -v before='
        )
        self.assertNotIn("glovebox_", result.stdout)

    def test_subshells_pipelines_and_background_jobs_may_use_them(self):
        code = (
            '(save_result a 1)\necho x | while read -r l; do save_result b "$l"; done\nsave_result c 3'
            " &\nwait\nx=$(save_result d 4)\nprintf -v text '%*s' 30000 ''\nfor n in {1..8}; do for i in {1..4}; do"
            ' save_result $n-$i "t$n$text"; done & done\nwait\n'
        )
        results = self.run_program(code).results
        self.assertEqual([results[name] for name in "abcd"], [1, "x", 3, 4])
        self.assertEqual({len(results[f"{n}-{i}"]) for n in range(1, 9) for i in range(1, 5)}, {30_002})

    def test_shells_that_the_program_starts_may_use_helpers_that_it_exports(self):
        code = (
            "export -f save_result report_progress\nbash -c 'save_result a \"[1]\"; save_result b x; report_progress 50'\n"
            "printf '%s\\n' c d | xargs -P 2 -I{} bash -euc 'save_result {} 3'\n"
        )
        for entry in ("main.sh", "other.sh"):
            with self.subTest(entry):
                result = self.run_program(code, entry=entry)
                self.assertEqual((result.stderr, result.status, result.stdout), ("", 0, ""))
                self.assertEqual(result.results, {"a": [1], "b": "x", "c": 3, "d": 3})
                self.assertEqual(result.progress, [(0.5, None)])

    def test_a_program_that_closes_the_channel_goes_on(self):
        for code in ("exec 13>&-", "exec 13>file", "exec 14>&-", "exec 14</dev/null"):
            result = self.run_program(code + "\nsave_result a 1\necho on; cat file 2>&-")
            self.assertEqual((result.stdout, result.stderr, result.messages), ("on\n", "", []))

    def test_a_program_whose_messages_nobody_reads_goes_on(self):
        result = self.run_program("save_result a 1\nsave_result b 2\necho on", deaf=(4,))
        self.assertEqual((result.stdout, result.stderr, result.status), ("on\n", "", 0))
