"""What programs can use: parameters, files, results, progress, displays."""

import base64
import json

from .harness import RunnerTest


class LibraryTest(RunnerTest):
    def test_the_given_things_are_there_in_every_object(self):
        code = (
            "class Shop\n  def all = [parameters, data, input_data, uploaded_files, workspace, job_id]\n"
            "  def self.rate = parameters['rate']\nend\nmodule Tax\n  def self.rate = parameters['rate']\nend\n"
            "[Shop.new.all, Shop.rate, Tax.rate, data.equal?(input_data), 5.respond_to?(:parameters)]"
        )
        result = self.run_program(code, parameters={"rate": 2}, data=[1, {"a": None}], uploadedFiles=["a.csv"])
        given = [{"rate": 2}, [1, {"a": None}], [1, {"a": None}], ["a.csv"], self.workspace, "job-1"]
        self.assertEqual(result.value, [given, 2, 2, True, False])

    def test_the_context_is_readable_both_ways_and_read_only(self):
        code = (
            "begin\n  context.cycle = 1\nrescue => e\nend\n"
            "[context.execution_id, context['session'], context[:cycle], context.metadata, context.capabilities,"
            " context.job_id, e.class.name]"
        )
        result = self.run_program(
            code,
            context={"execution_id": "e-1", "session": "s", "metadata": {"k": 1}, "capabilities": [], "job_id": "j"},
        )
        self.assertEqual(result.value, ["e-1", "s", None, {"k": 1}, [], "j", "FrozenError"])

    def test_the_program_may_overwrite_every_name(self):
        code = (
            "data = 1\ndef parameters = 2\ndef display(x) = x\ndef save_result(*) = 4\n"
            "[data, parameters, display(3), save_result]"
        )
        self.assertEqual(self.run_program(code).value, [1, 2, 3, 4])

    def test_save_result_sends_a_named_result(self):
        code = (
            "save_result('mean', 2.5)\nsave_result({a: 1})\nsave_result(:symbol, x: [2])\nsave_result('mean', nil)\n"
            "fork { save_result('child', $$ > 0) }\nProcess.wait"
        )
        result = self.run_program(code)
        self.assertEqual(
            [(message["name"], message["value"]) for message in result.of_type("result")],
            [("mean", 2.5), ("result", {"a": 1}), ("symbol", {"x": [2]}), ("mean", None), ("child", True)],
        )

    def test_save_result_refuses_bad_names(self):
        code = (
            "['', \"a\\nb\", 'x' * 201, 5].map do |name|\n  save_result(name, 1)\n"
            "rescue TypeError, ArgumentError => e\n  e.message\nend"
        )
        self.assertEqual(
            self.run_program(code).value,
            [
                'save_result: name must have 1 to 200 printable characters, not ""',
                'save_result: name must have 1 to 200 printable characters, not "a\\nb"',
                f'save_result: name must have 1 to 200 printable characters, not "{"x" * 80}"',
                "save_result: name must be a String or a Symbol, not Integer",
            ],
        )

    def test_progress_is_a_fraction_or_a_percentage(self):
        result = self.run_program(
            "[0, 0.5, 1, 50, 100, nil, 1r / 4].each { |x| report_progress(x) }\nreport_progress(1, :done)\nnil"
        )
        self.assertEqual([message["fraction"] for message in result.messages], [0, 0.5, 1, 0.5, 1, None, 0.25, 1])
        self.assertEqual(result.messages[-1], {"type": "progress", "fraction": 1, "message": "done"})

    def test_progress_refuses_what_is_no_fraction(self):
        code = (
            "[-0.1, 101, Float::NAN, 'a', true, 1i].map do |given|\n  report_progress(given)\n"
            "rescue TypeError, ArgumentError => e\n  e.message\nend"
        )
        messages = self.run_program(code).value
        self.assertEqual(
            len([text for text in messages if text.startswith("report_progress: fraction must be ")]), 6, messages
        )

    def test_progress_from_a_signal_handler_arrives(self):
        result = self.run_program(
            "caught = false\ntrap(:USR1) { report_progress(0.5, 'caught'); caught = true }\nProcess.kill(:USR1, $$)\n"
            "sleep 0.001 until caught\nnil"
        )
        self.assertEqual(
            (result.messages, result.status), ([{"type": "progress", "fraction": 0.5, "message": "caught"}], 0)
        )

    def test_load_file_reads_by_extension(self):
        self.write("a.json", '\ufeff{"x": [1]}')
        self.write("b.jsonl", '{"x": 1}\n\n{"x": 2}\n')
        self.write("c.txt", "text\xe9")
        self.write("d/e.csv", "\ufeffx,y\n1,b\n")
        self.write("f.tsv", "x\ty\n1\tb\n")
        code = (
            "[load_file('a.json'), load_file('a.json', symbolize_names: true).keys.first.inspect,"
            " load_file('b.jsonl'), load_file('c.txt'), load_file('d/e.csv'), load_file('f.tsv'),"
            " load_file('d/e.csv', converters: :numeric)]"
        )
        rows = [{"x": "1", "y": "b"}]
        self.assertEqual(
            self.run_program(code).value,
            [{"x": [1]}, ":x", [{"x": 1}, {"x": 2}], "text\xe9", rows, rows, [{"x": 1, "y": "b"}]],
        )

    def test_load_file_says_what_is_wrong(self):
        result = self.run_program("load_file('none.txt')")
        self.assertEqual(
            result.stderr,
            f"main.rb:1:in `load_file': No such file or directory - {self.workspace}/none.txt (Errno::ENOENT)\n"
            "\tfrom main.rb:1:in `<main>'\n",
        )
        self.assertEqual(
            self.run_program("load_file(5)").error["message"], "load_file: name must be a String or a path, not Integer"
        )

    def test_load_file_names_the_file_that_is_not_what_its_name_says(self):
        self.write("a.json", '{"x": nope}')
        self.write("b.jsonl", '{"x": 1}\n\n{"x"}\n')
        self.write("c.csv", 'a,b\n1,"x\n')
        code = (
            "%w[a.json b.jsonl c.csv].map do |name|\n  load_file(name)\nrescue => e\n"
            "  [e.class.name, e.message, e.cause]\nend"
        )
        base = self.workspace
        self.assertEqual(
            self.run_program(code).value,
            [
                ["JSON::ParserError", f"{base}/a.json is not valid JSON: unexpected token at '{{\"x\": nope}}'", None],
                ["JSON::ParserError", f"{base}/b.jsonl:3 is not valid JSON: unexpected token at '{{\"x\"}}\n'", None],
                ["CSV::MalformedCSVError", f"{base}/c.csv: Unclosed quoted field in line 2.", None],
            ],
        )
        result = self.run_program("x = 1\nload_file('a.json')\n")
        self.assertEqual((result.error["type"], result.error["line"]), ("JSON::ParserError", 2))
        self.assertNotIn("/runners/", result.stderr)

    def test_save_file_writes_by_content(self):
        code = (
            "require 'pathname'\n"
            "[save_file('a/b/c.txt', 'text'), save_file('d.bin', \"\\x00\\xff\".b), save_file('e.json', {x: [1]}),"
            " save_file(Pathname('f.jsonl'), [{x: 1}, 2])]"
        )
        base = self.workspace
        self.assertEqual(
            self.run_program(code).value, [f"{base}/a/b/c.txt", f"{base}/d.bin", f"{base}/e.json", f"{base}/f.jsonl"]
        )
        with open(f"{base}/d.bin", "rb") as file:
            self.assertEqual((self.read("a/b/c.txt"), file.read()), ("text", b"\x00\xff"))
        self.assertEqual((json.loads(self.read("e.json")), self.read("f.jsonl")), ({"x": [1]}, '{"x":1}\n2\n'))

    def test_save_file_stays_below_the_workspace(self):
        code = (
            "['../a', '/etc/x', 'a/../../b', '.'].map do |name|\n  save_file(name, 'x')\nrescue ArgumentError => e\n"
            "  e.message\nend"
        )
        self.assertEqual(
            self.run_program(code).value,
            [
                f'save_file: name must stay below the workspace {self.workspace}, not "{name}"'
                for name in ("../a", "/etc/x", "a/../../b", ".")
            ],
        )

    def test_save_file_refuses_other_content(self):
        self.assertEqual(
            self.run_program("save_file('a', 5)").error["message"],
            "save_file: content must be a String, a Hash or an Array, not Integer",
        )

    def test_display_shows_every_form_an_object_has(self):
        code = (
            "class Chart\n  def inspect = 'chart'\n  def to_html = '<b>c</b>'\n  def to_png = 'PNG'\n"
            "  def to_svg = nil\n  def to_latex = raise('no')\nend\ndisplay(Chart.new, 'text', 5)\nclass Page\n"
            "  def show = display([1])\nend\nPage.new.show\nChart.new"
        )
        result = self.run_program(code)
        chart = {"text/plain": "chart", "text/html": "<b>c</b>", "image/png": base64.b64encode(b"PNG").decode()}
        self.assertEqual(
            result.displays, [chart, {"text/plain": "text"}, {"text/plain": "5"}, {"text/plain": "[1]"}, chart]
        )
        self.assertEqual(result.warnings, ["display: text/latex failed: #<RuntimeError: no>"] * 2)

    def test_the_method_display_of_every_object_still_prints(self):
        self.assert_like_plain("5.display\n'a'.display($stderr)\n[1].display\ndisplay\n")

    def test_a_form_too_large_is_left_out_with_a_warning(self):
        result = self.run_program("o = Object.new\ndef o.inspect = 'o'\ndef o.to_html = 'x' * 9_000_000\ndisplay(o)")
        self.assertEqual((result.displays, len(result.warnings)), ([{"text/plain": "o"}], 1))

    def test_messages_of_threads_and_children_arrive_whole(self):
        code = (
            '4.times { |n| fork { 20.times { |i| save_result("#{n}-#{i}", n.to_s * 30_000) } } }\n4.times.map { |n|'
            ' Thread.new { 20.times { |i| save_result("t#{n}-#{i}", n.to_s * 30_000) } }'
            " }.each(&:join)\nProcess.waitall\nnil"
        )
        results = self.run_program(code).results
        self.assertEqual(len(results), 160)
        self.assertEqual({len(value) for value in results.values()}, {30_000})

    def test_a_program_that_closes_the_channel_goes_on(self):
        result = self.run_program("IO.for_fd(4).close\nfile = File.open('f', 'w')\nsave_result('a', 1)\nputs 'on'\n[1]")
        self.assertEqual((result.stdout, result.status, result.messages, self.read("f")), ("on\n", 0, [], ""))

    def test_a_program_whose_messages_nobody_reads_goes_on(self):
        result = self.run_program("save_result('a', 'x' * 100_000)\nputs 'on'", deaf=(4,))
        self.assertEqual((result.stdout, result.status), ("on\n", 0))
