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
                self.assertEqual([each for each in ours.messages if each["type"] != "error"], [])

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

    def test_a_function_of_the_same_name_is_no_redefinition_wherever_it_is(self):
        self.write("lib.pl", "use warnings; sub load_file { return 'theirs' } 1;")
        self.write("Other.pm", "package Other; use warnings; sub save_file { return 'other' } 1;")
        code = """use strict; use warnings; # sub report_progress is not one
        my $one = 1; sub save_result { print "mine ", (caller 0)[3], "\\n" }
        require './lib.pl'; require './Other.pm';
        save_result(1); print load_file('a'), Other::save_file(), "\\n";
        print save_file('b.txt', ''), "\\n"; report_progress(0.5);
        { no warnings; eval 'sub report_progress { 3 }'; } print report_progress(), "\\n";"""
        result = self.run_program(code)
        self.assertEqual(
            (result.stdout, result.stderr), ("mine main::save_result\ntheirsother\n/workspace/b.txt\n3\n", "")
        )
        self.assertEqual(result.progress, [(0.5, None)])

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


class Output(RunnerTest):
    def test_what_is_printed_is_there_at_once_and_when_the_program_is_killed(self):
        self.assertEqual(self.run_program('print "a\n"; printf "%s", "b"; kill KILL => $$;').stdout, "a\nb")

    def test_output_and_errors_stand_in_their_order(self):
        code = 'open STDERR, ">&", STDOUT; print "1\n"; warn "2\n"; print "3"'
        self.assertEqual(self.run_program(code).stdout, "1\n2\n3")
