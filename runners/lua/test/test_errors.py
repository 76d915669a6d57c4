"""The error of a Lua program is read from what the interpreter prints."""
from .harness import RunnerTest

NAME = "local function name(row)\n  return row.name:upper()\nend\nprint(1)\nprint(name({}))\n"


class Errors(RunnerTest):
    def test_an_uncaught_error_is_found_with_its_line_and_frames(self):
        error = self.run_program(NAME).error
        self.assertEqual(
            error,
            {
                "type": "error",
                "message": "attempt to index a nil value (field 'name')",
                "file": "/workspace/main.lua",
                "line": 2,
                "frames": [("/workspace/main.lua", 2, "name"), ("/workspace/main.lua", 5, "main chunk")],
            },
        )

    def test_frames_are_in_all_files_of_the_program(self):
        self.write("lib/u.lua", "local M = {}\nfunction M.f(x)\n  return (M.g(x))\nend\n"
                   "function M.g(x) return x * 2 end\nreturn M")
        error = self.run_program('local u = require("lib.u")\n\nu.f(nil)').error
        self.assertEqual((error["file"], error["line"]), ("./lib/u.lua", 5))
        main, module = "/workspace/main.lua", "./lib/u.lua"
        frames = [(module, 5, "lib.u.g"), (module, 3, "lib.u.f"), (main, 3, "main chunk")]
        self.assertEqual(error["frames"], frames)
        self.write("d.lua", "\nreturn nil + 1")
        error = self.run_program('dofile("d.lua")').error
        self.assertEqual((error["type"], error["line"]), ("error", 2))
        self.assertEqual(error["frames"], [("d.lua", 2, "main chunk"), ("/workspace/main.lua", 1, "main chunk")])

    def test_an_error_of_a_loop_has_the_frame_of_the_loop(self):
        self.write("b.lua", "return function(x)\n  local n = 0\n  for _, v in ipairs(x) do n = n + v end\nend")
        error = self.run_program('local sum = require("b")\nprint(sum(nil))').error
        self.assertEqual([frame[:2] for frame in error["frames"]], [("./b.lua", 3), ("/workspace/main.lua", 2)])

    def test_mistakes_in_other_files_stand_there(self):
        self.write("bad.lua", "local M = {\n  a = 1\n  b = 2\n}\nreturn M")
        for code, file in (('require("bad")', "./bad.lua"), ('dofile("bad.lua")', "bad.lua")):
            error = self.run_program(code).error
            self.assertEqual((error["type"], error["file"], error["line"]), ("syntax error", file, 3))
            self.assertEqual(error["message"], "'}' expected (to close '{' at line 1) near 'b'")
            self.assertEqual(error["frames"], [])

    def test_an_error_object_is_found_with_its_text(self):
        code = 'error(setmetatable({}, { __tostring = function() return "my err\\nof two lines" end }))'
        error = self.run_program(code).error
        self.assertEqual((error["type"], error["message"].strip()), ("error", "my err\nof two lines"))
        error = self.run_program("\nerror({ code = 5 })").error
        self.assertEqual(error["message"], "(error object is a table value)")
        self.assertEqual(error["frames"], [("/workspace/main.lua", 2, "main chunk")])

    def test_a_traceback_names_helpers_as_functions_of_lua(self):
        result = self.run_program("\nsave_result()")
        self.assertNotIn(self.language.folder, result.stderr)
        self.assertEqual(result.error["frames"], [("/workspace/main.lua", 2, "main chunk")])

    def test_code_from_a_text_has_no_file(self):
        error = self.run_program("load('error(\"x\")')()").error
        self.assertEqual((error["line"], error["frames"]), (None, [("/workspace/main.lua", 1, "main chunk")]))

    def test_a_message_of_several_lines_is_found_whole(self):
        error = self.run_program('local function check()\n  error("too\\nbad")\nend\ncheck()\n').error
        self.assertEqual((error["message"], error["line"]), ("too\nbad", 2))

    def test_an_error_without_a_place_is_found(self):
        error = self.run_program('error("plain", 0)').error
        self.assertEqual((error["type"], error["message"], error["line"]), ("error", "plain", None))

    def test_a_syntax_error_is_found_with_its_line(self):
        error = self.run_program("local a = 1\nlocal b = {\nprint(a b)\n").error
        self.assertEqual((error["type"], error["message"], error["line"]), ("syntax error", "')' expected near 'b'", 3))

    def test_an_endless_recursion_is_found(self):
        error = self.run_program("local function f(n)\n  return 1 + f(n + 1)\nend\nf(1)").error
        self.assertEqual((error["type"], error["line"]), ("error", 2))
        self.assertTrue(error["message"].startswith("stack overflow"))

    def test_the_check_passes_a_program_and_says_where_one_is_wrong(self):
        self.assertEqual(self.check("#!/usr/bin/lua\nsave_result(1)").status, 0)
        wrong = self.check("x = = 1")
        self.assertEqual((wrong.status, "main.lua:1: unexpected symbol near '='" in wrong.stderr), (1, True))
