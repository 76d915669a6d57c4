"""A program does, prints and ends as in a Node that was started for it."""
import re
from concurrent.futures import ThreadPoolExecutor

from testing.interpreters import Programs

from .harness import RunnerTest

# name: source of main.js, or files of which the first is the entry
PROGRAMS = {
    "output": 'console.log("a", { b: [1] }, new Map([[1, 2]])); console.error("c")',
    "a throw": 'function f() { throw new RangeError("x") }\nf()',
    "a throw before the last expression": 'const a = {};\nif (a) throw new TypeError("n");\na',
    "a mistake before the last expression": "const a = {};\n\ta.b.c;\na",
    "a mistake in one line": "let x = null; x.y.z",
    "a stack in one line": "let x = 5; console.log(new Error(x).stack)",
    "a throw in one line": 'let x = 5; if (x) throw new RangeError("q"); x',
    "an error with cause and fields": 'throw Object.assign(new Error("p", { cause: new Error("c") }), { extra: 1 })',
    "an assertion": 'require("node:assert").strictEqual(1, 2)',
    "a file that is not there": 'require("node:fs").readFileSync("/nope")',
    "a rejection": 'async function f() { throw new Error("x") }\nf()',
    "a rejection without an error": 'Promise.reject("why")',
    "a handler of rejections": (
        'process.on("unhandledRejection", (r, p) => console.log(r.message, p));\n'
        'Promise.reject(new Error("x"))'
    ),
    "a handler of errors": (
        'process.on("uncaughtException", (e, o) => console.log(e.message, o));\n'
        'setTimeout(() => console.log("on"), 5);\nthrow new Error("x")'
    ),
    "an error event": 'new (require("events"))().emit("error", new Error("e"))',
    "a syntax error": "let a = 1;\nlet b = ;\n",
    "a syntax error of a module": {"main.mjs": "let a = 1;\nlet b = ;\n"},
    "a syntax error of a sibling": {"main.js": 'require("./a")', "a.js": "let = ;\n"},
    "an error of a sibling": {
        "main.mjs": 'import "./a.mjs"', "a.mjs": 'export const a = 1;\nthrow new Error("in a")\n',
    },
    "a module that is not there": 'const x = 1;\nrequire("nope")',
    "an export that is not there": {"main.mjs": 'import { x } from "./a.mjs"', "a.mjs": "export const y = 1"},
    "a cycle of scripts in a folder": {
        "sub/main.js": 'exports.m = 3; const a = require("./a"); console.log(__dirname, a.v, a.b())',
        "sub/a.js": 'const b = require("./b"); exports.v = 1; exports.b = () => b.get()',
        "sub/b.js": 'const a = require("./a"), m = require("./main"); exports.get = () => a.v + m.m',
    },
    "a cycle with the entry": {
        "main.mjs": 'import { a } from "./a.mjs"; export let m = 9; console.log(a()); m',
        "a.mjs": 'import { m } from "./main.mjs"; export const a = () => m',
    },
    "json": {"main.mjs": 'import d from "./d.json" with { type: "json" }; console.log(d)', "d.json": '{"a": [1]}'},
    "modules and scripts": {
        "main.mjs": 'import a, { b } from "./a.cjs"; console.log(a, b, (await import("./c.mjs")).c)',
        "a.cjs": "exports.b = 4", "c.mjs": "export const c = 5",
    },
    "a package": {
        "main.js": 'console.log(require("p").v)',
        "node_modules/p/index.js": "exports.v = __filename.split('/').pop()",
    },
    "import.meta": {"main.mjs": "console.log(import.meta.url, import.meta.dirname, import.meta.filename)"},
    "what a script is given": (
        "console.log(__filename, __dirname, module.id, require.main === module, this === exports, "
        "module.parent, module.children)"
    ),
    "a module by its syntax": 'import fs from "fs";\nconsole.log(typeof require, await 5, this)',
    "a module by package.json": {
        "main.js": "console.log(typeof require, import.meta.url)", "package.json": '{"type": "module"}',
    },
    "a script by package.json": {"main.js": 'import fs from "fs"', "package.json": '{"type": "commonjs"}'},
    "return outside a function": "console.log(1);\nif (1) return;\nconsole.log(2)",
    "a strict script": '"use strict";\nundeclared = 5',
    "its own text": 'const fs = require("fs");\nconsole.log(fs.readFileSync(__filename, "utf8"));\n5',
    "a module's own text": (
        'import fs from "fs";\nconst url = new URL(import.meta.url);\n'
        'console.log(fs.readFileSync(url, "utf8"), await fs.promises.readFile(url, "utf8"));\n6'
    ),
    "exit and its listeners": (
        'process.on("exit", (c) => console.log("exit", c, process.exitCode)); '
        'process.on("beforeExit", () => console.log("before")); '
        'setTimeout(() => { process.exitCode = 7 }, 5)'
    ),
    "process.exit and the last listener": 'process.once("exit", () => { process.exitCode = 9 }); process.exit(3)',
    "a signal": 'process.kill(process.pid, "SIGTERM"); setTimeout(() => {}, 5000)',
    "deep recursion": "function f(n) { return f(n + 1) + 1 }\nf(0)",
    "all of stdin": 'console.log(JSON.stringify(require("fs").readFileSync(0, "utf8")))',
    "lines of stdin": (
        'import rl from "readline";\nfor await (const l of rl.createInterface({ input: process.stdin })) '
        'console.log("L", l)'
    ),
    "stdin as a stream": (
        'let s = ""; process.stdin.on("data", (d) => (s += d)).on("end", () => '
        'console.log(JSON.stringify(s)))'
    ),
    "names that are there": (
        "console.log(JSON.stringify([Object.keys(globalThis), Object.keys(process).sort().join(), "
        "process.argv, process.execArgv, Object.keys(require.cache), process._preload_modules]))"
    ),
    "builtin modules": (
        'console.log(require("module").builtinModules);\n'
        'try { require("internal/util") } catch (e) { console.log(e.message) }'
    ),
    "children": (
        'const { execFileSync } = require("child_process");\n'
        'console.log(`${execFileSync("/bin/ls", ["/proc/self/fd"])}`);\n'
        'execFileSync("/bin/echo", ["hi"], { stdio: "inherit" }); console.log("after")'
    ),
    "a fork": {
        "main.js": 'require("child_process").fork("./c.js").on("message", (m) => console.log(m))',
        "c.js": "process.send([process.execArgv, process.argv.length])",
    },
    "a worker": {
        "main.js": (
            'const w = new (require("worker_threads").Worker)("./w.js"); '
            'w.on("message", (m) => console.log(m)); w.on("exit", (c) => console.log("exit", c))'
        ),
        "w.js": (
            'let i; try { require("internal/util") } catch (e) { i = e.code }\n'
            'require("worker_threads").parentPort.postMessage([process.execArgv, typeof saveResult, i])'
        ),
    },
    "warnings": 'new Buffer(3); process.emitWarning("careful")',
    "its own stacks": (
        'Error.prepareStackTrace = (e, sites) => sites.slice(0, 2).map((s) => '
        '`${s.getFileName()}:${s.getLineNumber()}:${s.getColumnNumber()}`);\n'
        'console.log(new Error("x").stack); let q = 1'
    ),
    "a hashbang": "#!/usr/bin/env node\nconsole.log(1);\n[1].x.y",
    "a byte order mark": "\ufeffconsole.log(1);\nnull.x",
    "lines that end with CR LF": "let a = null;\r\na.b.c",
    "no file": {"main.js": None},
    "much output at once": 'require("fs").writeSync(1, "y".repeat(300000)); console.log("end")',
}


class NodePrograms(Programs):
    language = RunnerTest.language
    plain = RunnerTest.plain


def outcome(result, workspace):
    """Without what differs between any two runs: the folder, the process id, how a loader came to run a module."""
    def clean(text):
        text = re.sub(r"\(node:\d+\)", "(node:N)", text.replace(workspace, "/W"))
        return re.sub(r"\n    at (?:async )?[^\n]*\(?node:internal/[^\n]*", "", text)
    return {"stdout": clean(result.stdout), "stderr": clean(result.stderr), "status": result.status}


class AsNodeTest(RunnerTest):
    def outcome_in_a_workspace(self, run, files, entry):
        programs = NodePrograms()
        programs.make_folders(self.addCleanup)
        return outcome(run(programs, files=files, entry=entry, stdin="a\nb"), programs.workspace)

    def test_a_program_does_prints_and_ends_as_in_plain_node(self):
        def both(item):
            name, files = item
            files = {"main.js": files} if isinstance(files, str) else files
            entry = next(iter(files))
            there = {name: content for name, content in files.items() if content is not None}
            ways = (Programs.run_plain, Programs.run_program)
            return name, *(self.outcome_in_a_workspace(way, there, entry) for way in ways)

        with ThreadPoolExecutor(2) as pool:
            for name, expected, found in pool.map(both, PROGRAMS.items()):
                with self.subTest(name):
                    self.assertEqual(found, expected)
