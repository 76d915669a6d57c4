"""The error that ends a Perl program is sent with its type, message, line and frames."""
from .harness import RunnerTest


def main(line, function, source):
    return {"file": "main.pl", "line": line, "function": function, "source": source}


class Deaths(RunnerTest):
    def assert_error(self, code, kind, message, line, **given):
        error = self.error_of(code, **given)
        self.assertEqual((error["type"], error["message"], error["line"]), (kind, message, line))
        return error

    def test_a_text_has_its_line_and_the_frames_around_it(self):
        code = 'use strict; use warnings;\nsub check { die "too bad" }\nsub outer {\n  check(1);\n}\nouter();\n'
        frames = [
            main(6, "", "outer();"), main(4, "main::outer", "check(1);"),
            main(2, "main::check", 'sub check { die "too bad" }'),
        ]
        self.assertEqual(self.error_of(code), {"type": "die", "message": "too bad", "line": 2, "frames": frames})

    def test_a_text_with_a_line_end_has_its_place_too(self):
        error = self.assert_error('sub f {\n  die "cannot open x\\n"\n}\nf();', "die", "cannot open x", 2)
        self.assertEqual([frame["line"] for frame in error["frames"]], [4, 2])
        self.assert_error('die "one\\ntwo\\n"', "die", "one\ntwo", 1)
        self.assert_error('die "one\\ntwo"', "die", "one\ntwo", 1)
        self.assert_error('die "at sea line 9"', "die", "at sea line 9", 1)

    def test_references_are_what_they_hold(self):
        self.assert_error('die { code => 42, list => [1, "\\x{e9}"] };', "die", '{"code":42,"list":[1,"é"]}', 1)
        self.assert_error("die [1];", "die", "[1]", 1)

    def test_objects_have_their_class_and_their_text_or_what_they_hold(self):
        held = "package MyErr; sub new { my $c = shift; bless { @_ }, $c } package main;\n"
        self.assert_error(held + 'die MyErr->new(message => "x");', "MyErr", '{"message":"x"}', 2)
        shown = "package A::B; use overload '\"\"' => sub { 'shown ' . $_[0]{n} }; package main;\n"
        self.assert_error(shown + 'die bless({ n => 1 }, "A::B");', "A::B", "shown 1", 2)

    def test_errors_of_perl_itself_are_found_while_standard_input_is_read(self):
        message = 'Can\'t call method "method" on an undefined value'
        self.assert_error("<STDIN>;\nmy $none;\n$none->method();\n", "die", message, 3, stdin="x\n")

    def test_an_error_at_the_end_of_the_program_is_told(self):
        self.assert_error('print 1;\nEND { die "late" }', "die", "late", 2)
        self.assert_error('print 1;\nEND { die "late\\n" }', "die", "late", None)

    def test_errors_of_carp_stand_where_it_says(self):
        code = "package Foo; use Carp;\nsub f { croak 'bad arg' }\npackage main;\nsub g {\n  Foo::f(1) }\ng();\n"
        error = self.assert_error(code, "die", "bad arg", 5)
        self.assertEqual(error["frames"], [main(6, "", "g();"), main(5, "main::g", "Foo::f(1) }")])
        code = "use Carp;\nsub inner { confess 'deep' }\nsub outer { inner(1, 'a') }\nouter();\n"
        error = self.assert_error(code, "die", "deep", 2)
        self.assertEqual([frame["function"] for frame in error["frames"]], ["", "main::outer", "main::inner"])

    def test_frames_are_in_the_files_of_the_program(self):
        self.write("lib/My/U.pm", "package My::U;\nsub f {\n  g($_[0]) }\nsub g { 1 / $_[0] }\n1;\n")
        error = self.error_of("use lib 'lib'; use List::Util 'first';\nuse My::U;\nfirst { My::U::f(0) } 1;\n")
        self.assertEqual(error["message"], "Illegal division by zero")
        places = [(frame["file"], frame["line"], frame["function"]) for frame in error["frames"]]
        self.assertEqual(places[-2:], [("lib/My/U.pm", 3, "My::U::f"), ("lib/My/U.pm", 4, "My::U::g")])
        self.assertEqual(places[0], ("main.pl", 3, ""))

    def test_a_deep_recursion_has_the_innermost_frames(self):
        error = self.error_of("no warnings;\nsub f { $_[0] ? f($_[0] - 1) : die 'x' }\nf(300);")
        self.assertEqual((len(error["frames"]), error["frames"][0]["line"], error["line"]), (100, 2, 2))


class Compilation(RunnerTest):
    def assert_error(self, code, message, *places):
        error = self.error_of(code)
        self.assertEqual((error["type"], error["message"], error["line"]), ("syntax error", message, places[-1][1]))
        self.assertEqual([(frame["file"], frame["line"]) for frame in error["frames"]], list(places))

    def test_the_first_of_several_mistakes_counts(self):
        code = "use strict; use warnings;\nmy @a = (1);\nmy $y = $x{3};\nmy %h;\nif ($y { print 1 }\n"
        message = 'Global symbol "%x" requires explicit package name (did you forget to declare "my %x"?)'
        self.assert_error(code, message, ("main.pl", 3))
        self.assert_error("my $a = 1;\nmy $b = ;\n", "syntax error", ("main.pl", 2))

    def test_mistakes_in_a_module_stand_there(self):
        self.write("U.pm", "package U;\nsub f {\n  my $x = ;\n}\n1;\n")
        self.assert_error("use lib '.';\nuse U;\n", "syntax error", ("U.pm", 3))
        self.assert_error("\nrequire './U.pm';\n", "syntax error", ("main.pl", 2), ("U.pm", 3))

    def test_a_missing_module_is_found_where_it_is_used(self):
        error = self.error_of("use strict;\nuse No::Such::Module;\n")
        self.assertEqual((error["type"], error["line"]), ("die", 2))
        self.assertTrue(error["message"].startswith("Can't locate No/Such/Module.pm in @INC"))


class NoErrors(RunnerTest):
    def test_what_does_not_end_the_program_is_no_error(self):
        programs = {
            "a warning": 'warn "x"; exit 3',
            "a caught error": 'eval { die "x" }; eval { require No::Such }; eval "1 +"; exit 3',
            "one that is caught while the program is compiled": 'BEGIN { eval "use No::Such; 1" } exit 3',
            "one of a child": 'if (!fork) { die "x" } wait; exit 3',
            "one of a thread": 'use threads; threads->create(sub { die "x" })->join; exit 3',
        }
        for what, code in programs.items():
            with self.subTest(what):
                result = self.run_program(code)
                self.assertEqual((result.status, result.messages), (3, []))

    def test_an_error_that_a_handler_of_the_program_hears_is_read_from_what_is_printed(self):
        result = self.run_program('$SIG{__DIE__} = sub { print "heard" };\ndie "x";\n')
        self.assertEqual((result.stdout, result.messages), ("heard", []))
        self.assertEqual((result.error["type"], result.error["message"], result.error["line"]), ("die", "x", 2))

    def test_the_check_passes_a_program_and_says_where_one_is_wrong(self):
        right = self.check("use strict; save_result total => $parameters{n}; print $input_data;")
        self.assertEqual((right.status, right.stdout), (0, ""))
        wrong = self.check("my $x = ;")
        self.assertEqual((wrong.status, "syntax error at /workspace/main.pl line 1" in wrong.stderr), (255, True))
