"""A Lua program behaves as in the plain interpreter."""
from .harness import RunnerTest

FAILS = {
    "a runtime error": "local function name(row)\n  return row.name:upper()\nend\nprint(1)\nprint(name({}))\n",
    "an error of the program's own": 'local function check()\n  error("too\\nbad")\nend\ncheck()\n',
    "an error without a place": 'error("plain", 0)',
    "an error object": "error({})",
    "an error object with a text": 'error(setmetatable({}, { __tostring = function() return "I am" end }))',
    "a syntax error": "local a = 1\nlocal b = {\nprint(a b)\n",
    "an exit status": "io.stdout:write('x') os.exit(7)",
    "a failure below the standard library": 'string.rep()\n',
}


class Program(RunnerTest):
    def test_a_program_prints_and_fails_as_in_the_plain_interpreter(self):
        for what, code in FAILS.items():
            with self.subTest(what):
                plain, ours = self.run_program(code, plain=True), self.run_program(code)
                self.assertEqual((ours.status, ours.stdout, ours.stderr), (plain.status, plain.stdout, plain.stderr))
                self.assertEqual(ours.messages, [])

    def test_arguments_and_the_names_before_them_are_the_plain_ones(self):
        code = 'for i = -4, 4 do io.write(tostring(arg[i]), " ") end print(...)'
        args = ["-e", "--", "a b"]
        self.assertEqual(self.run_program(code, args).stdout, self.run_program(code, args, plain=True).stdout)

    def test_a_program_finds_the_helpers_and_nothing_else_of_the_runner(self):
        code = "for _, t in ipairs{_G, package.loaded} do for name in pairs(t) do print(name) end end"
        plain = self.run_program(code, plain=True).stdout.split()
        ours = self.run_program(code).stdout.split()
        for name in plain:
            ours.remove(name)
        helpers = ["input_data", "load_file", "null", "parameters", "report_progress", "save_file", "save_result"]
        self.assertEqual(sorted(ours), [name for name in helpers if name != "input_data"])
        self.assertIn("input_data\n", self.run_program(code, data=1).stdout)

    def test_a_program_reads_its_standard_input_and_requires_its_own_modules(self):
        self.write("util.lua", "return { twice = function(n) return 2 * n end }")
        code = 'print(require("util").twice(io.read("n")))'
        self.assertEqual(self.run_program(code, stdin="21").stdout, "42\n")

    def test_helpers_work_when_the_program_writes_over_globals_of_the_library(self):
        code = 'table, string, math, next, pairs = {}, nil, nil, nil, nil save_result("a", { x = { 1 } })'
        self.assertEqual(self.run_program(code).results, {"a": {"x": [1]}})

    def test_a_program_may_overwrite_the_helpers(self):
        code = 'function save_result(x) print("mine", x) end parameters = 3 save_result(parameters)'
        self.assertEqual(self.run_program(code).stdout, "mine\t3\n")


class Output(RunnerTest):
    def test_a_line_is_there_when_the_program_is_killed(self):
        code = 'io.write("a\\n", "b") io.stdout:write("\\nc") os.execute("kill -9 $PPID") while true do end'
        result = self.run_program(code)
        self.assertEqual((result.stdout, result.status), ("a\nb\n", -9))
