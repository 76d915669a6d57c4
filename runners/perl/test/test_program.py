"""A Perl program behaves as in the plain interpreter."""
from .harness import RunnerTest

FAILS = {
    "an uncaught die": 'use strict; use warnings;\nprint "1\\n";\nsub check { die "too bad" }\ncheck();\n',
    "a die with a line end": 'die "plain\\n";',
    "a die after a failed system call": 'open my $file, "<", "/none" or die "none: $!\\n";',
    "a reference": "die { code => 1 };",
    "a runtime error": "my $none;\n$none->method();\n",
    "a syntax error": "my $a = 1;\nmy $b = ;\nprint $a;\n",
    "a strict error": "use strict;\n$x = 1;\n",
    "a missing module": "use strict;\nuse No::Such::Module;\n",
    "warnings": '#!/usr/bin/perl -w\nmy $x; print "$x\\n"; my $name = 1; my $name = 2;\n',
    "a trace": "use Carp;\nsub inner { confess 'deep' }\nsub outer { inner(1, 'a') }\nouter();\n",
    "an exit status": "print 'x'; exit 7;",
    "a signal": "kill TERM => $$;",
    "the end of data": "print while <DATA>;\n__END__\nx\ny\n",
}


class Program(RunnerTest):
    def test_a_program_prints_and_fails_as_in_the_plain_interpreter(self):
        for what, code in FAILS.items():
            with self.subTest(what):
                plain, ours = self.run_program(code, plain=True), self.run_program(code)
                same = lambda result: (result.status, result.stdout, result.stderr.split("HASH(")[0])
                self.assertEqual(same(ours), same(plain))
                self.assertEqual(ours.messages, [])

    def test_arguments_names_and_places_are_the_plain_ones(self):
        code = 'print "$0|@ARGV|@INC|", __FILE__, __LINE__, "|", caller() ? 1 : 0, "|$@|", $! + 0, "|$/"'
        args = ["-e", "--", "a b"]
        self.assertEqual(self.run_program(code, args).stdout, self.run_program(code, args, plain=True).stdout)

    def test_a_program_reads_its_standard_input_and_loads_its_own_modules(self):
        self.write("lib/Twice.pm", "package Twice; sub of { 2 * shift } 1;")
        code = 'use lib "lib"; use Twice; print Twice::of(scalar <STDIN>), "\\n";'
        self.assertEqual(self.run_program(code, stdin="21").stdout, "42\n")

    def test_a_program_may_define_functions_of_the_same_names(self):
        code = """
        use strict; use warnings; use feature 'signatures';
        sub save_result($value) { print "mine $value\\n" }
        my %parameters = (a => 1); our $input_data = 'x';
        save_result($parameters{a}); print "$input_data\\n"; report_progress(1);"""
        result = self.run_program(code, data=1)
        self.assertEqual((result.stdout, result.stderr), ("mine 1\nx\n", ""))
        self.assertEqual(result.progress, [(1, None)])

    def test_helpers_leave_errors_handlers_and_the_topic_alone(self):
        code = """
        local $SIG{__DIE__} = sub { print "heard: $_[0]" };
        eval { die "first\\n" };
        $! = 2; $_ = "topic";
        save_result("a", bless [], "Thing"); load_file($0); report_progress(0.5);
        print $@, $! + 0, " $_\\n";
        eval { load_file("none") };"""
        result = self.run_program(code)
        heard = "heard: load_file: /workspace/none: No such file or directory at /workspace/main.pl line 7.\n"
        self.assertEqual(result.stdout, "heard: first\nfirst\n2 topic\n" + heard)

    def test_programs_that_are_started_do_not_have_the_pipe(self):
        self.assertEqual(self.run_program('system "ls /proc/self/fd"').stdout, "0\n1\n2\n3\n")


class Errors(RunnerTest):
    def test_an_uncaught_die_is_found_with_its_line(self):
        error = self.run_program(FAILS["an uncaught die"]).error
        self.assertEqual((error["type"], error["message"], error["line"]), ("die", "too bad", 3))
        self.assertEqual(error["frames"], [("/workspace/main.pl", 3, "")])

    def test_a_runtime_error_is_found_while_standard_input_is_read(self):
        error = self.run_program("<STDIN>;\nmy $none;\n$none->method();\n", stdin="x\n").error
        message = 'Can\'t call method "method" on an undefined value'
        self.assertEqual((error["type"], error["message"], error["line"]), ("die", message, 3))

    def test_a_trace_is_found_with_its_frames(self):
        error = self.run_program(FAILS["a trace"]).error
        main = "/workspace/main.pl"
        frames = [(main, 2, "main::inner"), (main, 3, "main::outer"), (main, 4, "")]
        self.assertEqual((error["message"], error["frames"]), ("deep", frames))

    def test_syntax_and_strict_errors_are_found_with_their_lines(self):
        for what, message in (("a syntax error", "syntax error"), ("a strict error", 'Global symbol "$x" requires')):
            error = self.run_program(FAILS[what]).error
            self.assertEqual((error["type"], error["line"]), ("syntax error", 2))
            self.assertIn(message, error["message"])

    def test_a_missing_module_is_found_where_it_is_used(self):
        error = self.run_program(FAILS["a missing module"]).error
        self.assertEqual((error["type"], error["line"]), ("die", 2))
        self.assertIn("Can't locate No/Such/Module.pm", error["message"])

    def test_the_check_passes_a_program_and_says_where_one_is_wrong(self):
        right = self.check("use strict; save_result total => $parameters{n}; print $input_data;")
        self.assertEqual((right.status, right.stdout), (0, ""))
        wrong = self.check("my $x = ;")
        self.assertEqual((wrong.status, "syntax error at /workspace/main.pl line 1" in wrong.stderr), (255, True))
