"""Programs run as `bash /workspace/main.sh` runs them, whether Bash was parked for them or started anew."""

import signal
import time

from .harness import RunnerTest

NAMES = r"""
printf '%s\n' "$0" "$#" "$@" "$_" "$?" "$-" "$LINENO" "$BASH_ARGV0" "$BASHOPTS" "$SHELLOPTS" "$SHLVL" "$PWD" "$IFS"
printf '%s\n' "${BASH_SOURCE[@]}" "${FUNCNAME[*]}" "$!" "$BASH_SUBSHELL" "$BASH" "$#"
printf '%s\n' "$((SECONDS <= EPOCHSECONDS - STARTED + 1))"
where() { caller 0; printf '%s|' "${FUNCNAME[@]}" "${BASH_SOURCE[@]}" "${BASH_LINENO[@]}"; }
where
declare -F | grep -v -e ' __glovebox_' -e save_result -e report_progress
changing=(-e BASH_ARG -e BASHPID -e EPOCH -e RANDOM -e ' SECONDS' -e ' _=' -e ' PPID' -e ' DIRSTACK')
declare -p | grep -v "${changing[@]}" -e '-x '
env | grep -v ^_= | sort
trap -p; alias; jobs; umask; ulimit -n; wait; ls /proc/self/fd | grep -v -x -e 13 -e 14 -e 3
"""
ENTRIES = ("main.sh", "tools/report of 2024.sh")


class ProgramTest(RunnerTest):
    def test_a_program_prints(self):
        self.assert_like_plain('echo "Hello from Bash"\n')

    def test_names_arguments_and_variables_are_those_of_a_plain_interpreter(self):
        for entry in ENTRIES:
            with self.subTest(entry):
                # No program has run for longer than since here, however slowly it is started.
                env = {"GREETING": " hello = $world\n", "STARTED": str(int(time.time()))}
                result = self.assert_like_plain(NAMES, ["a b", "", "-x", "\xe9"], entry=entry, env=env)
                self.assertNotIn("glovebox", result.stdout.lower().replace(self.scratch.lower(), ""))

    def test_messages_of_bash_name_the_program_and_its_line(self):
        for entry in ENTRIES:
            with self.subTest(entry):
                self.assert_like_plain(
                    "\nnosuch\n./main.sh\ncd /nosuch\nf() {\n  local -r x=1\n  x=2\n}\nf\n: ${y?is unset}\n"
                    "echo never\n",
                    entry=entry,
                )

    def test_syntax_errors_are_those_of_bash(self):
        self.assert_like_plain("echo 1\nif true; then\n  fi\n")
        self.assert_like_plain("echo 'open\necho 2\n")
        self.assert_like_plain("echo 1\n[[ a ==\n")

    def test_statuses_are_those_of_bash(self):
        for code in (
            "exit 3", "false", "set -e\nfalse\necho never", "set -u\necho $nosuch", "return 4", "kill -TERM $$",
            "exec false", "set -o pipefail\nfalse | true", "exit 300",
        ):
            with self.subTest(code):
                self.assert_like_plain("echo start\n" + code)

    def test_traps_run(self):
        self.assert_like_plain(
            "trap 'echo exit $?' EXIT\ntrap 'echo error $LINENO' ERR\nset -E\nf() {\n  false\n}\nf\n(exit 3)\nexit 7\n"
        )
        self.assert_like_plain("trap 'echo caught; exit 9' TERM\nkill -TERM $$\nsleep 5\n")
        self.assert_like_plain("set -T\ntrap 'echo \"$BASH_COMMAND\"' DEBUG\ntrue\necho a\n")

    def test_files_beside_the_program_are_found(self):
        self.write("lib/helper.sh", 'echo "$0 ${BASH_SOURCE[*]} $1"\nreturn 5\n')
        self.assert_like_plain(
            'source "$(dirname "${BASH_SOURCE[0]}")/lib/helper.sh" x\necho $?\nsource lib/helper.sh\n'
        )

    def test_standard_input_belongs_to_the_program(self):
        for entry in ENTRIES:
            self.assert_like_plain('read -r line\necho "$line"\ncat\n', stdin="one\ntwo\nthree", entry=entry)

    def test_variables_that_bash_reads_when_it_starts_count(self):
        self.write("env.sh", "from_env=1\n")
        for env in (
            {"SHELLOPTS": "nounset"},
            {"BASH_FUNC_hello%%": "() { echo hello; }"},
            {"POSIXLY_CORRECT": "1"},
            {"LC_ALL": "C"},
            {"a.b": "c"},
            {"BASH_ENV": self.workspace + "/env.sh"},
            {"LANG": "C"},
            {"SHLVL": "5", "PWD": "/nosuch"},
        ):
            with self.subTest(env):
                code = (
                    "echo $SHELLOPTS $SHLVL $PWD ${#from_env} '\xe9'\nx='\xe9'; echo ${#x}; hello 2>&1\n"
                    "env | grep -v ^_= | sort\n"
                )
                self.assert_like_plain(code, env=env)

    def test_the_environment_is_that_of_the_task_and_exported(self):
        result = self.run_program(
            "unset HOME\ntext=changed\nenv | sort", env={"text": "given", "pair": "x", "count": "2"}
        )
        self.assertEqual(
            [line for line in result.stdout.splitlines() if not line.startswith("_=")],
            [
                "LANG=C.UTF-8", "PATH=/usr/local/bin:/usr/bin:/bin", "PWD=" + self.workspace, "SHLVL=1", "TERM=dumb",
                "count=2", "pair=x", "text=changed",
            ],
        )

    def test_scripts_may_use_the_descriptors_that_scripts_use(self):
        code = "exec 3>&1 4>file 5<&0 10>other\necho three >&3\necho four >&4\nsave_result a 1\ncat file\n"
        result = self.run_program(code)
        self.assertEqual((result.stdout, result.stderr, result.results), ("three\nfour\n", "", {"a": 1}))

    def test_two_runs_share_no_randomness(self):
        first, second = (self.run_program("echo $RANDOM $RANDOM $SRANDOM").stdout for _ in range(2))
        self.assertNotEqual(first, second)

    def test_the_task_is_emptied_before_the_program_runs(self):
        self.assertEqual(self.run_program(f"cat {self.job}/task.words; echo end").stdout, "end\n")

    def test_a_runner_that_is_never_needed_ends_quietly(self):
        result = self.park().wait()
        self.assertEqual((result.stdout, result.stderr, result.status, result.messages), ("", "", 0, []))

    def test_a_missing_program_is_reported_by_bash(self):
        result = self.run_program()
        self.assertEqual(
            (result.stderr, result.status),
            (f"/usr/bin/bash: {self.workspace}/main.sh: No such file or directory\n", 127),
        )

    def test_a_program_whose_output_nobody_reads_dies_of_the_signal(self):
        self.assertEqual(self.run_program("while echo line; do :; done", deaf=(1,)).status, -signal.SIGPIPE)
