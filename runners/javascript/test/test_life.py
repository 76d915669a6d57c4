"""The life of a runner: parked, a program, the end."""
from .harness import RunnerTest


class LifeTest(RunnerTest):
    def test_a_runner_whose_sandbox_goes_away_ends_well(self):
        self.assertEqual(self.park().wait().status, 0)

    def test_arguments_environment_and_folder_are_those_of_the_task(self):
        code = (
            "[process.argv.slice(1), { ...process.env }, process.cwd() === workspace, "
            "Intl.DateTimeFormat().resolvedOptions().timeZone]"
        )
        result = self.run_program(code, args=["-v", "b c"], env={"X": "1", "TZ": "Asia/Tokyo"})
        argv, environment, is_there, zone = result.value
        self.assertEqual(argv, [f"{self.workspace}/main.js", "-v", "b c"])
        self.assertEqual(environment, {
            "PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "TERM": "dumb", "HOME": self.workspace, "X": "1",
            "TZ": "Asia/Tokyo",
        })
        self.assertEqual((is_there, zone), (True, "Asia/Tokyo"))

    def test_the_task_is_removed_and_the_go_pipe_closed(self):
        code = (
            "const fs = require('node:fs')\nconst links = fs.readdirSync('/proc/self/fd').map((n) => { "
            "try { return fs.readlinkSync(`/proc/self/fd/${n}`) } catch {} });\n"
            "[fs.readdirSync(process.env.JOB), fs.existsSync('/proc/self/fd/3') && links[3]]"
        )
        files, third = self.run_program(code, env={"JOB": self.job}).value
        self.assertEqual(files, [])
        self.assertFalse(str(third).startswith("pipe:"), third)

    def test_the_exit_status_is_the_last_word(self):
        self.assertEqual(self.run_program("process.exitCode = 7").announced, 7)
        self.assertEqual(self.run_program("setTimeout(() => process.exit(300), 1)").announced, 44)
        result = self.run_program(
            "process.on('exit', () => { process.exitCode = 5 })\n"
            "process.on('exit', () => console.log('last'))"
        )
        self.assertEqual((result.announced, result.status, result.stdout), (5, 5, "last\n"))

    def test_a_program_that_closes_the_channel_keeps_its_files_clean(self):
        code = (
            "const fs = require('node:fs')\nfs.closeSync(4)\nconst f = fs.openSync('a.txt', 'w')\n"
            "saveResult('a', 1)\nf"
        )
        result = self.run_program(code)
        self.assertEqual((result.messages, result.stderr, result.status), ([], "", 0))
        self.assertEqual(self.read("a.txt"), "")

    def test_a_broken_channel_does_not_disturb_the_program(self):
        result = self.run_program("saveResult('a', 1)\nconsole.log('on')\n5", deaf=(4,))
        self.assertEqual((result.stdout, result.stderr, result.status), ("on\n", "", 0))

    def test_a_program_that_replaces_what_the_runner_uses_is_still_heard(self):
        code = (
            "const fs = require('node:fs')\nfs.writeSync = fs.fstatSync = () => { throw 1 }\n"
            "JSON.stringify = () => 'x'\nsaveResult('a', 1)"
        )
        self.assertEqual(self.run_program(code).results, {"a": 1})

    def test_what_a_program_puts_in_the_place_of_node_s_functions_stays(self):
        code = (
            "const fs = require('node:fs')\nconst mine = fs.readFileSync = fs.promises.readFile = () => 'mine'\n"
            "setTimeout(() => console.log(fs.readFileSync === mine, fs.promises.readFile === mine), 1)\n5"
        )
        result = self.run_program(code)
        self.assertEqual((result.value, result.stdout), (5, "true true\n"))

    def test_nothing_is_written_by_a_program_that_writes_nothing(self):
        result = self.run_program("let x = 1")
        self.assertEqual((result.stdout, result.stderr, result.messages, result.announced), ("", "", [], 0))

    def test_the_heap_may_grow_beyond_the_default_of_node(self):
        code = "require('node:v8').getHeapStatistics().heap_size_limit >= 16 * 2 ** 30"
        self.assertIs(self.run_program(code).value, True)

    def test_a_long_program_runs_as_it_is(self):
        self.assertEqual(self.run_program(f"// {'x' * 70_000}\nconsole.log(1)\n5").messages, [])
        self.assertEqual(self.run_program(f"let a = 1 // {'x' * 70_000}\n", returnVariables=["a"]).variables, {"a": 1})


class CheckTest(RunnerTest):
    def checked(self, name, code):
        found = self.check(code, name)
        return found.status, found.stderr.replace(self.workspace, "")

    def test_correct_syntax_passes_and_is_not_run(self):
        self.assertEqual(self.checked("a.js", "#!/usr/bin/env node\nconsole.log(1); return"), (0, ""))
        self.assertEqual(self.checked("b.js", "import x from './none.js'; await x"), (0, ""))

    def test_a_mistake_is_shown_as_node_shows_it(self):
        expected = ":2\nlet b = ;\n        ^\n\nSyntaxError: Unexpected token ';'\n"
        self.assertEqual(self.checked("a.js", "let a\nlet b = ;"), (1, "/a.js" + expected))
        self.assertEqual(self.checked("b.mjs", "let a\nlet b = ;"), (1, "/b.mjs" + expected))
