"""Programs run as `ruby main.rb` runs them."""

import signal

from .harness import RunnerTest

NAMES = """# frozen_string_literal: true
p "a".frozen?, __FILE__, $0, $PROGRAM_NAME, __dir__, __method__, __ENCODING__, ARGV, ARGV.map(&:frozen?), Process.argv0
p caller, caller(0), binding.local_variables, self, self.class, Dir.pwd, $*, __FILE__ == $0
p Encoding.default_external, Encoding.default_internal, "x".encoding, ENV["HOME"].encoding, $stdin.external_encoding
p Object.constants.sort, defined?(Glovebox), defined?(Fiddle)
p $LOAD_PATH, global_variables.size, Thread.list.size, Dir.children("/proc/self/fd").map(&:to_i).max < 10
"""


class ProgramTest(RunnerTest):
    def test_a_program_prints(self):
        self.assert_like_plain('puts "Hello from Ruby"\n')

    def test_names_arguments_and_encodings_are_those_of_a_plain_interpreter(self):
        for entry in ("main.rb", "tools/report of the year 2024.rb"):
            with self.subTest(entry):
                result = self.run_program(NAMES, entry=entry, args=["a b", "", "\xe9"])
                code = NAMES.replace("p Object.constants", "require 'json'; require 'pp'; p Object.constants")
                plain = self.run_plain(code, entry=entry, args=["a b", "", "\xe9"])
                self.assertEqual((result.stdout, result.stderr), (plain.stdout, plain.stderr))

    def test_files_beside_the_program_are_found(self):
        self.write("lib/helper.rb", "p __FILE__, __dir__\ndef helper = [:helper, caller.size]\n")
        self.assert_like_plain('require_relative "lib/helper"\np helper, $".grep(/helper/)\nload "./lib/helper.rb"\n')

    def test_what_follows_the_end_is_data(self):
        self.assert_like_plain(
            "p $., DATA.class, DATA.path, DATA.pos, DATA.lineno, DATA.read\nDATA.rewind\nputs DATA.gets, $.\n"
            "__END__\none\ntwo\n"
        )

    def test_the_top_level_may_return(self):
        self.assert_like_plain("puts 1\nreturn if true\nputs 2\n")
        self.assert_like_plain("puts 1\nreturn\n")

    def test_blocks_for_the_begin_and_the_end_run_then(self):
        self.assert_like_plain("puts 2\nEND { puts 4 }\nat_exit { puts 3 }\nBEGIN { puts 1 }\n")

    def test_magic_comments_are_obeyed(self):
        self.assert_like_plain(
            "# -*- coding: euc-jp -*-\n# frozen_string_literal: true\n\np __ENCODING__, 'a'.frozen?\n=begin\ncode\n"
            "=end\np 1\n"
        )

    def test_options_of_the_first_line_are_obeyed(self):
        result = self.assert_like_plain("#!/usr/bin/env ruby -w\np $VERBOSE, __FILE__, $0\nx = 5\n['value'].first\n")
        self.assertEqual(result.value, "value")
        self.assert_like_plain("#!/usr/bin/ruby\np $VERBOSE\n")
        self.assert_like_plain("#!/bin/sh\nexit 1\n#!ruby\np [__LINE__, 1], $VERBOSE\n")

    def test_the_environment_is_that_of_the_task(self):
        result = self.run_program(
            "p ENV.to_h\nputs `env | sort`", env={"GREETING": "hello = world", "TZ": "Asia/Tokyo"}
        )
        self.assertIn('"GREETING"=>"hello = world"', result.stdout)
        self.assertNotIn("GLOVEBOX_JOB", result.stdout)
        self.assertEqual(self.run_program("puts Time.at(0).hour", env={"TZ": "Asia/Tokyo"}).stdout, "9\n")

    def test_variables_that_an_interpreter_reads_when_it_starts_count(self):
        code = "p Encoding.default_external, $VERBOSE, defined?(OpenStruct), ARGV, $0, __FILE__, parameters\n[1]"
        result = self.run_program(code, env={"LANG": "C", "RUBYOPT": "-w -rostruct"}, args=["a"], parameters={"n": 1})
        self.assertEqual(
            (result.stdout, result.stderr, result.value),
            ('#<Encoding:US-ASCII>\ntrue\n"constant"\n["a"]\n"main.rb"\n"main.rb"\n{"n"=>1}\n', "", [1]),
        )

    def test_standard_input_belongs_to_the_program(self):
        self.assert_like_plain("p gets, $stdin.read, ARGF.eof?", stdin="one\ntwo\n")

    def test_statuses_are_those_of_ruby(self):
        for code in ("exit 3", "$stdout.flush; exit!(4)", "exit false", "abort 'the end'", "at_exit { exit 5 }"):
            with self.subTest(code):
                result = self.assert_like_plain("puts 1\n" + code)
                self.assertEqual(result.of_type("error"), [])

    def test_what_is_printed_leaves_the_process_at_once(self):
        result = self.run_program("print 'first'\nsystem 'echo second'\np $stdout.sync, $stderr.sync, $stdout.tty?")
        self.assertEqual(result.stdout, "firstsecond\ntrue\ntrue\nfalse\n")
        for code in ("puts 1\nprint 2\nProcess.kill(:KILL, $$)\nsleep 5", "puts 1\nprint 2\nexit! 0"):
            self.assertEqual(self.run_program(code).stdout, "1\n2")
        result = self.run_program("#!/usr/bin/env ruby -w\nputs 1\nexit! 0")
        self.assertEqual(result.stdout, "1\n")

    def test_a_program_may_have_its_output_buffered(self):
        self.assert_like_plain("$stdout.sync = false\n$stdout.print 'lost'\n$stderr.print 'kept'\nexit! 0")

    def test_signals_do_what_they_do(self):
        self.assert_like_plain("Process.kill(:TERM, $$)\nsleep 5")
        self.assert_like_plain("trap(:TERM) { puts 'caught'; exit 9 }\nProcess.kill(:TERM, $$)\nsleep 5")
        result = self.assert_like_plain("Process.kill(:INT, $$)\nsleep 5")
        self.assertEqual((result.status, result.error["type"]), (-signal.SIGINT, "Interrupt"))

    def test_a_failing_thread_and_a_closed_output_are_reported_by_ruby(self):
        self.assert_like_plain("Thread.new { Thread.current.report_on_exception = false; raise 'x' }.join")
        result = self.run_program("puts 1", deaf=(1,))
        self.assertEqual((result.status, result.error["type"]), (-signal.SIGPIPE, "Errno::EPIPE"))

    def test_children_do_not_get_the_runners_descriptors(self):
        result = self.run_program(
            "puts `ls /proc/self/fd`.split.size\nputs Dir.children('/proc/self/fd').include?('4')"
        )
        self.assertEqual(result.stdout, "4\ntrue\n")

    def test_two_runs_share_no_randomness(self):
        first, second = (
            self.run_program("[rand, Random.new.rand, [*1..99].shuffle, 'a'.hash]").value for _ in range(2)
        )
        self.assertEqual([a == b for a, b in zip(first, second)], [False] * 4)

    def test_the_task_is_gone_when_the_program_runs(self):
        self.assertEqual(self.run_program(f"p Dir.children({self.job!r})").stdout, "[]\n")

    def test_a_runner_that_is_never_needed_ends_quietly(self):
        result = self.park().wait()
        self.assertEqual((result.stdout, result.stderr, result.status, result.messages), ("", "", 0, []))

    def test_a_missing_program_is_reported_by_ruby(self):
        result = self.run_program(entry="none.rb")
        self.assertEqual(
            (result.stderr, result.status), ("ruby: No such file or directory -- none.rb (LoadError)\n", 1)
        )

    def test_a_name_of_any_length_is_the_name(self):
        for length in (24, 45, 200):
            entry = "x" * (length - 3) + ".rb"
            result = self.run_program("p __FILE__.size, $0.size, __dir__ == Dir.pwd\n[1]", entry=entry)
            self.assertEqual((result.stdout, result.value), (f"{length}\n{length}\ntrue\n", [1]))

    def test_libraries_that_the_runner_uses_are_as_new(self):
        code = 'require "fiddle"\np Fiddle::VERSION, Fiddle::Pointer.name\nrequire "json"\np JSON.parse("[1]")'
        result = self.run_program(code)
        self.assertEqual((result.status, result.stderr), (0, ""))
