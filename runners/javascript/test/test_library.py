"""The helpers of a program."""
import json

from .harness import RunnerTest


class LibraryTest(RunnerTest):
    def test_the_job_is_there_as_globals_that_a_program_may_overwrite(self):
        common = {"session": None, "cycle": 3, "metadata": {"a": 1}, "capabilities": []}
        context = {"execution_id": "e", **common, "job_id": "job-1"}
        code = (
            "const isThere = workspace === process.cwd()\n"
            "const seen = [parameters, inputData, globalThis.data, uploadedFiles, isThere, jobId, { ...context }]\n"
            "const data = 5\nparameters = data;\n[...seen, parameters, Object.keys(globalThis).includes('saveResult')]"
        )
        result = self.run_program(code, parameters={"n": 1}, data=[1], uploadedFiles=["a.csv"], context=context)
        camel = {"executionId": "e", **common, "jobId": "job-1"}
        self.assertEqual(result.value, [{"n": 1}, [1], [1], ["a.csv"], True, "job-1", camel, 5, False])

    def test_modules_of_the_program_have_the_helpers_too(self):
        files = {"main.mjs": "import './x.mjs'", "x.mjs": "saveResult('a', parameters.n + 1)"}
        self.assertEqual(self.run_program(files=files, entry="main.mjs", parameters={"n": 1}).results, {"a": 2})

    def test_results_progress_and_displays_are_sent(self):
        code = (
            "saveResult({ a: 1 }); saveResult('n', [2]); saveResult('nothing', undefined)\n"
            "reportProgress(0.5, 'half'); reportProgress(75); reportProgress(null, 3)\n"
            "display('text', { a: 1 }, [{ a: 1 }], Buffer.from('89504e470d0a1a0a', 'hex'), "
            "Buffer.from('<svg></svg>'))\n"
            "display({ [Symbol.for('Jupyter.display')]: () => ({ 'text/html': '<b>', 'x/y': { a: [1] "
            "}, 'no/ne': null }) })\n"
            "display({ [Symbol.for('Jupyter.display')]: async () => ({ 'text/markdown': '*a*' }) })"
        )
        result = self.run_program(code)
        undefined = {"$type": "undefined", "repr": "undefined"}
        self.assertEqual(result.results, {"result": {"a": 1}, "n": [2], "nothing": undefined})
        progress = [(message["fraction"], message["message"]) for message in result.of_type("progress")]
        self.assertEqual(progress, [(0.5, "half"), (0.75, None), (None, "3")])
        text, plain, table, png, svg, bundle, later = result.displays
        self.assertEqual((text, plain), ({"text/plain": "text"}, {"text/plain": "{ a: 1 }"}))
        self.assertEqual(table["application/json"], [{"a": 1}])
        self.assertEqual((png["image/png"], svg["image/svg+xml"]), ("iVBORw0KGgo=", "<svg></svg>"))
        self.assertEqual({**bundle, "text/plain": ""}, {"text/plain": "", "text/html": "<b>", "x/y": {"a": [1]}})
        self.assertEqual(later["text/markdown"], "*a*")

    def test_files_are_read_by_their_extension(self):
        files = {
            "a.csv": '\ufeffname,n\r\n"x, ""y""\nz",1\r\n\r\nb,\n', "a.tsv": "a\tb\n1\t2", "a.json": "[1]",
            "a.jsonl": '{"a": 1}\n\n2\n', "a.txt": "t\n",
        }
        code = "['a.csv', 'a.tsv', 'a.json', 'a.jsonl', workspace + '/a.txt'].map((name) => loadFile(name))"
        result = self.run_program(code, files=files)
        rows = [{"name": 'x, "y"\nz', "n": "1"}, {"name": "b", "n": ""}]
        self.assertEqual(result.value, [rows, [{"a": "1", "b": "2"}], [1], [{"a": 1}, 2], "t\n"])

    def test_files_are_written_below_the_workspace(self):
        code = (
            "const path = saveFile('out/a.txt', 'text'); saveFile('b.bin', new Uint8Array([65, 66]))\n"
            "saveFile('c.json', { a: [1] }); saveFile('d.jsonl', [1, { a: 2 }])\n"
            "saveFile('e.csv', [{ a: 'x,y', b: 1 }, { b: 'q\"' }]); saveFile('f.json', [1]);\n"
            "[path === workspace + '/out/a.txt', loadFile('e.csv')]"
        )
        result = self.run_program(code)
        self.assertEqual(result.value, [True, [{"a": "x,y", "b": "1"}, {"a": "", "b": 'q"'}]])
        self.assertEqual((self.read("out/a.txt"), self.read("b.bin")), ("text", "AB"))
        self.assertEqual((json.loads(self.read("c.json")), self.read("d.jsonl")), ({"a": [1]}, '1\n{"a":2}\n'))

    def test_wrong_arguments_give_an_error_that_names_the_argument(self):
        calls = {
            "saveResult('', 1)": 'RangeError: saveResult: name must have 1 to 200 printable characters, not ""',
            "saveResult({}, 1)": "TypeError: saveResult: name must be a string, not Object",
            "loadFile(3)": "TypeError: loadFile: name must be a string, not number",
            "loadFile('no.csv')": "Error: loadFile: there is no file 'no.csv'",
            "saveFile('../x', '')": "RangeError: saveFile: name must stay below the workspace WORKSPACE, not '../x'",
            "saveFile('x', 3)": (
                "TypeError: saveFile: content must be a string, bytes, an array or an object, not number"
            ),
            "reportProgress('a')": "TypeError: reportProgress: fraction must be a number, not string",
            "reportProgress(101)": (
                "RangeError: reportProgress: fraction must be from 0 to 1, or a percentage up to 100, "
                "not 101"
            ),
        }
        shown = "console.log(`${e}`.replace(workspace, 'WORKSPACE'))"
        code = "".join(f"try {{ {call} }} catch (e) {{ {shown} }}\n" for call in calls)
        self.assertEqual(self.run_program(code).stdout.splitlines(), list(calls.values()))

    def test_a_representation_that_fails_is_a_warning(self):
        result = self.run_program("display({ [Symbol.for('Jupyter.display')]() { throw new Error('no') } })")
        self.assertEqual(list(result.displays[0]), ["text/plain"])
        self.assertIn("display: the representation failed: Error: no", result.warnings[0])
