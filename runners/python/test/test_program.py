"""What a program sees of the interpreter it runs in, and how it ends."""
import signal

from .harness import RunnerTest


class ProgramTest(RunnerTest):
    def test_the_value_of_the_last_expression_is_sent(self):
        self.assertEqual(self.run_program("x = 20\nx * 2 + 2").value, 42)

    def test_no_value_is_sent_for_a_statement_or_for_none(self):
        self.assertEqual(self.run_program("x = 1").messages, [])
        self.assertEqual(self.run_program("print('a')").messages, [])
        self.assertEqual(self.run_program("").messages, [])

    def test_a_lone_string_is_a_value(self):
        self.assertEqual(self.run_program("'hello'").value, "hello")

    def test_future_imports_apply_to_the_last_expression(self):
        code = "from __future__ import annotations\ndef f(x: Missing): pass\nf.__annotations__"
        self.assertEqual(self.run_program(code).value, {"x": "Missing"})

    def test_a_very_long_expression_still_runs(self):
        self.assertEqual(self.run_program("print(" + "+".join(["1"] * 800) + ")").stdout, "800\n")

    def test_the_program_is_main_and_can_be_imported_as_such(self):
        code = "x = 5\nimport __main__\n[__name__, __main__.x, __package__, __spec__, '__file__' in globals()]"
        self.assertEqual(self.run_program(code).value, ["__main__", 5, None, None, False])

    def test_an_entry_file_runs_like_a_script(self):
        self.write("app/tool.py", "import sys, helper\n[__file__, sys.argv, sys.path[0], helper.x]")
        self.write("app/helper.py", "x = 7")
        result = self.run_program(entry="app/tool.py", args=["-v", "b"])
        folder = self.workspace + "/app"
        self.assertEqual(result.value, [folder + "/tool.py", ["app/tool.py", "-v", "b"], folder, 7])

    def test_an_entry_file_may_declare_its_encoding(self):
        self.write("latin.py", "# coding: latin-1\nx = 'caf\xe9'\nprint(x)\n1/0 # \xe9".encode("latin-1"))
        result = self.run_program(entry="latin.py")
        self.assertEqual(result.stdout, "caf\xe9\n")
        self.assertIn("    1/0 # \xe9\n", result.stderr)

    def test_a_missing_entry_file_ends_with_status_2(self):
        result = self.run_program(entry="none.py")
        self.assertEqual(result.status, 2)
        self.assertIn(f"can't open file '{self.workspace}/none.py': [Errno 2] No such file or directory", result.stderr)
        self.assertEqual(result.error["type"], "FileNotFoundError")

    def test_arguments_environment_and_path_are_those_of_the_task(self):
        code = "import os, sys\n[sys.argv, dict(os.environ), sys.path[0], os.getcwd()]"
        result = self.run_program(code, args=["a", "b"], env={"X": "1"})
        argv, environment, first, folder = result.value
        self.assertEqual(argv, ["main.py", "a", "b"])
        self.assertEqual(
            environment,
            {"PATH": "/usr/bin:/bin", "HOME": self.workspace, "MPLCONFIGDIR": self.kept + "/run",
             "MPLBACKEND": "agg", "X": "1"},
        )
        self.assertEqual((first, folder), (self.workspace, self.workspace))

    def test_pythonpath_and_time_zone_of_the_environment_apply(self):
        code = "import sys, time\n[sys.path[1], time.tzname[0]]"
        result = self.run_program(code, env={"PYTHONPATH": "/srv/lib", "TZ": "XYZ-3"})
        self.assertEqual(result.value, ["/srv/lib", "XYZ"])

    def test_the_runner_is_not_among_the_modules_and_its_names_are_free(self):
        self.write("python.py", "x = 1")
        self.write("warden/__init__.py", "x = 2")
        self.write("values.py", "x = 3")
        code = (
            "import sys\nours = [n for n, m in sys.modules.items() if '/runners/python/' in (getattr(m, '__file__', '') or '')]\n"
            "import python, warden, values\n[ours, [p for p in sys.path if 'runners' in p], python.x, warden.x, values.x]"
        )
        self.assertEqual(self.run_program(code).value, [[], [], 1, 2, 3])

    def test_standard_input_is_readable(self):
        result = self.run_program("a = input('? ')\nimport sys\n[a, sys.stdin.read()]", stdin="one\ntwo\n")
        self.assertEqual(result.value, ["one", "two\n"])
        self.assertEqual(result.stdout, "? ")

    def test_streams_are_utf8_and_line_buffered(self):
        code = "import sys\n[(s.name, s.encoding, s.errors, s.line_buffering, s.mode) for s in (sys.stdin, sys.__stdout__, sys.stderr)]"
        self.assertEqual(
            self.run_program(code).value,
            [["<stdin>", "utf-8", "surrogateescape", False, "r"], ["<stdout>", "utf-8", "surrogateescape", True, "w"],
             ["<stderr>", "utf-8", "backslashreplace", True, "w"]],
        )
        self.assertEqual(self.run_program("print('h\xe9 \u20ac')").stdout, "h\xe9 \u20ac\n")

    def test_the_collector_runs_and_interrupts_are_default(self):
        code = "import gc, signal\n[gc.isenabled(), signal.getsignal(signal.SIGINT) is signal.default_int_handler, signal.getsignal(signal.SIGTERM) == signal.SIG_DFL]"
        self.assertEqual(self.run_program(code).value, [True, True, True])

    def test_the_channel_is_closed_on_exec(self):
        code = "import subprocess\nprint(subprocess.run(['/bin/ls', '/proc/self/fd'], capture_output=True, text=True, close_fds=False).stdout.split())"
        self.assertEqual(self.run_program(code).stdout, "['0', '1', '2', '3']\n")

    def test_a_program_that_closes_the_channel_keeps_its_files_clean(self):
        code = "import os\nos.closerange(3, 64)\nf = [open(f'{n}.txt', 'w') for n in range(20)]\nsave_result('a', 1)\n5"
        result = self.run_program(code)
        self.assertEqual((result.messages, result.stderr, result.status), ([], "", 0))
        self.assertEqual([self.read(f"{n}.txt") for n in range(20)], [""] * 20)

    def test_a_broken_channel_does_not_disturb_the_program(self):
        result = self.run_program("save_result('a', 1)\nprint('on')\n5", close_channel=True)
        self.assertEqual((result.stdout, result.stderr, result.status), ("on\n", "", 0))


class EndTest(RunnerTest):
    def status(self, code):
        result = self.run_program(code)
        return result.status, result.stderr

    def test_sys_exit_gives_the_status_as_in_cpython(self):
        self.assertEqual(self.status("import sys; sys.exit()"), (0, ""))
        self.assertEqual(self.status("import sys; sys.exit(3)"), (3, ""))
        self.assertEqual(self.status("import sys; sys.exit(-1)"), (255, ""))
        self.assertEqual(self.status("import sys; sys.exit(256)"), (0, ""))
        self.assertEqual(self.status("import sys; sys.exit(2**70)"), (255, ""))
        self.assertEqual(self.status("import sys; sys.exit('bye')"), (1, "bye\n"))
        self.assertEqual(self.status("raise SystemExit((1, 2))"), (1, "(1, 2)\n"))

    def test_sys_exit_is_no_error(self):
        self.assertEqual(self.run_program("import sys; sys.exit('bye')").messages, [])

    def test_os_exit_ends_at_once(self):
        self.assertEqual(self.status("import os; os._exit(9)"), (9, ""))

    def test_an_interrupt_ends_the_process_by_the_signal(self):
        result = self.run_program("import os, signal\nos.kill(os.getpid(), signal.SIGINT)\nimport time; time.sleep(5)")
        self.assertEqual(result.status, -signal.SIGINT)
        self.assertIn("KeyboardInterrupt\n", result.stderr)
        self.assertEqual(result.error["type"], "KeyboardInterrupt")

    def test_threads_are_joined_before_atexit_runs(self):
        code = (
            "import atexit, threading, time\natexit.register(print, 'atexit')\nsaid = threading.Event()\n"
            "def work():\n    said.wait()\n    time.sleep(0.1)\n    print('thread')\n"
            "threading.Thread(target=work).start()\nprint('main')\nsaid.set()"
        )
        self.assertEqual(self.run_program(code).stdout, "main\nthread\natexit\n")

    def test_daemon_threads_are_not_waited_for(self):
        code = "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()"
        self.assertEqual(self.status(code), (0, ""))

    def test_a_failing_atexit_callback_is_printed_and_the_status_stays(self):
        status, stderr = self.status("import atexit\ndef f(): 1/0\natexit.register(f)")
        self.assertEqual(status, 0)
        self.assertIn("ZeroDivisionError: division by zero\n", stderr)
        self.assertIn('File "main.py", line 2, in f\n', stderr)

    def test_open_files_are_flushed_and_finalizers_run(self):
        code = (
            "f = open('a.txt', 'w'); f.write('kept')\n"
            "class A:\n    def __del__(self): print('gone', limit)\nlimit = 3\na = A()\n"
            "import keep"
        )
        self.write("keep.py", "g = open('b.txt', 'w'); g.write('too')")
        self.assertEqual(self.run_program(code).stdout, "gone 3\n")
        self.assertEqual((self.read("a.txt"), self.read("b.txt")), ("kept", "too"))

    def test_unfinished_lines_and_output_of_c_code_arrive(self):
        code = "import ctypes\nprint('py', end='')\nctypes.CDLL(None).puts(b'c')"
        result = self.run_program(code)
        self.assertIn("py", result.stdout)
        self.assertIn("c\n", result.stdout)

    def test_a_closed_stdout_reader_ends_with_120_and_no_frames(self):
        code = "import sys, os\nsys.stdout = os.fdopen(1, 'w', closefd=False)\nsys.stdout.write('x')"
        result = self.run_program(code, close_stdout=True)
        self.assertEqual(result.status, 120)
        self.assertIn("BrokenPipeError: [Errno 32] Broken pipe\n", result.stderr)
        self.assertNotIn("Traceback", result.stderr)

    def test_printing_to_a_closed_reader_is_the_programs_error(self):
        result = self.run_program("print('x')", close_stdout=True)
        self.assertEqual(result.error["type"], "BrokenPipeError")
        self.assertNotIn("/runners/", result.stderr)

    def test_a_closed_sys_stdout_is_no_problem(self):
        self.assertEqual(self.status("import sys\nsys.stdout.close()\nsys.stdout = None"), (0, ""))

    def test_return_variables_are_sent_after_the_run(self):
        result = self.run_program("a = 1\nb = {'x': [1, 2]}\ndel a", returnVariables=["a", "b"])
        self.assertEqual(result.of_type("variables"), [{"type": "variables", "variables": {"b": {"x": [1, 2]}}}])
        self.assertEqual(result.warnings, ["returnVariables: the program has no global variable 'a'"])

    def test_return_variables_are_sent_after_an_exception_too(self):
        result = self.run_program("a = 1\n1/0", returnVariables=["a"])
        self.assertEqual(result.of_type("variables")[0]["variables"], {"a": 1})
        self.assertEqual(result.status, 1)

    def test_return_variables_see_what_threads_did(self):
        code = "import threading, time\ndef w():\n    global a\n    time.sleep(0.1)\n    a = 2\na = 1\nthreading.Thread(target=w).start()"
        self.assertEqual(self.run_program(code, returnVariables=["a"]).of_type("variables")[0]["variables"], {"a": 2})

    def test_variables_too_large_together_are_described(self):
        code = "a = 'x' * 5_000_000\nb = 'y' * 5_000_000"
        result = self.run_program(code, returnVariables=["a", "b"])
        variables = result.of_type("variables")[0]["variables"]
        self.assertEqual([variables["a"]["length"], variables["b"]["$type"]], [5_000_000, "builtins.str"])
        self.assertEqual(len(result.warnings), 1)

    def test_a_tiny_recursion_limit_does_not_stop_the_end_of_the_run(self):
        result = self.run_program("import sys\nx = {'a': [1]}\nsys.setrecursionlimit(30)\nx", returnVariables=["x"])
        self.assertEqual(result.value, {"a": [1]})
        self.assertEqual(result.of_type("variables")[0]["variables"], {"x": {"a": [1]}})


    def test_a_raising_trace_function_shows_no_frames_of_the_runner(self):
        status, stderr = self.status("import sys\ndef trace(*a): raise ValueError\nsys.settrace(trace)\nsys.setprofile(trace)")
        self.assertNotIn("/runners/", stderr)
        self.assertEqual(status, 1)


class ProcessesTest(RunnerTest):
    def test_a_forked_child_that_returns_sends_nothing_twice(self):
        code = "import os\na = 1\npid = os.fork()\nif pid: os.waitpid(pid, 0)\nprint('end')\n'value'"
        result = self.run_program(code, returnVariables=["a"])
        self.assertEqual(result.stdout, "end\nend\n")
        self.assertEqual([m["type"] for m in result.messages], ["value", "variables"])

    def test_forked_children_may_report_without_breaking_frames(self):
        code = (
            "import os\npids = []\nfor n in range(4):\n    pid = os.fork()\n    if pid == 0:\n"
            "        for i in range(20): save_result(f'r{n}', 'x' * 100_000)\n        os._exit(0)\n    pids.append(pid)\n"
            "for pid in pids: os.waitpid(pid, 0)"
        )
        self.assertEqual(len(self.run_program(code).of_type("result")), 80)

    def test_threads_may_report_without_breaking_frames(self):
        code = (
            "import threading\ndef w(n):\n    for i in range(20): save_result(f'r{n}', 'x' * 100_000)\n"
            "for n in range(4): threading.Thread(target=w, args=(n,)).start()"
        )
        self.assertEqual(len(self.run_program(code).of_type("result")), 80)

    def test_a_raising_signal_handler_does_not_break_frames(self):
        code = (
            "import signal\nclass Late(Exception): pass\ndef late(*_): raise Late\n"
            "signal.signal(signal.SIGALRM, late)\ncount = 0\nwhile count < 30:\n    try:\n"
            "        signal.setitimer(signal.ITIMER_REAL, 0.0005)\n"
            "        for _ in range(50): save_result('r', 'x' * 300_000)\n    except Late: count += 1\n'whole'"
        )
        self.assertEqual(self.run_program(code).value, "whole")

    def test_multiprocessing_works_with_fork(self):
        code = "import multiprocessing as m\ndef f(x): return x * x\nwith m.get_context('fork').Pool(2) as p: r = p.map(f, [1, 2, 3])\nr"
        result = self.run_program(code)
        self.assertEqual((result.value, result.stderr), ([1, 4, 9], ""))

    def test_multiprocessing_works_with_spawn_for_an_entry_file(self):
        self.write(
            "main.py",
            "import multiprocessing as m\ndef f(x): return x * x\nif __name__ == '__main__':\n"
            "    with m.get_context('spawn').Pool(1) as p: print(p.map(f, [1, 2, 3]))",
        )
        result = self.run_program(entry="main.py")
        self.assertEqual((result.stdout, result.stderr), ("[1, 4, 9]\n", ""))

    def test_multiprocessing_with_spawn_runs_importable_functions_for_code(self):
        code = "import multiprocessing as m, math\nif __name__ == '__main__':\n    with m.get_context('spawn').Pool(1) as p: print(p.map(math.sqrt, [4, 9]))"
        result = self.run_program(code)
        self.assertEqual((result.stdout, result.stderr), ("[2.0, 3.0]\n", ""))

    def test_two_runs_share_no_randomness(self):
        code = (
            "import random, tempfile, uuid, secrets, multiprocessing.process as p\n"
            "[random.random(), tempfile.mktemp(), str(uuid.uuid4()), secrets.token_hex(), p.current_process().authkey.hex()]"
        )
        first, second = self.run_program(code).value, self.run_program(code).value
        self.assertEqual([a == b for a, b in zip(first, second)], [False] * 5)


class UnparkedProgramTest(ProgramTest):
    """A run need not be parked before."""

    parked = False


class UnparkedEndTest(EndTest):
    parked = False
