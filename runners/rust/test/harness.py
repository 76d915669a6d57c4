"""Compiles and runs programs as the manifest says to, in a workspace of the test's own."""
import atexit
import functools
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest

RUNNER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SEARCHED = "/usr/local/bin:/usr/bin:/bin"
with open(os.path.join(RUNNER, "runtime.json"), encoding="utf-8") as _file:
    MANIFEST = json.load(_file)


def _python_pattern(pattern):
    return re.compile(re.sub(r"\(\?<(?=\w)", "(?P<", pattern), re.MULTILINE)


def read_error(stage, stderr):
    """What the patterns of a stage find: the first match of a compiler, the last of a program; frames as printed."""
    entries = MANIFEST["errors"][stage]
    found = [(match, entry) for entry in entries for match in _python_pattern(entry["pattern"]).finditer(stderr)]
    if not found:
        return None
    match, entry = (min if stage == "compile" else max)(found, key=lambda pair: pair[0].start())
    error = {"type": entry.get("type"), "file": None, "line": None, **match.groupdict()}
    frame = _python_pattern(entry["frame"]) if "frame" in entry else None
    frames = [f.groupdict() for f in frame.finditer(stderr, match.start())] if frame else []
    error["frames"] = [(f["file"], int(f["line"]), f["function"]) for f in frames]
    return {**error, "line": error["line"] and int(error["line"])}


class Ended:
    """How a stage ended; paths of the test's workspace stand in the output as /workspace."""

    def __init__(self, stage, process, workspace):
        def plain(output):
            return output.decode("utf-8", "replace").replace(workspace, "/workspace")

        self.status, self.stdout, self.stderr = process.returncode, plain(process.stdout), plain(process.stderr)
        self.error = read_error(stage, self.stderr)


def _tools():
    tools = {
        name: next(filter(None, (shutil.which(program, path=SEARCHED) for program in programs)), None)
        for name, programs in MANIFEST["tools"].items()
    }
    if None in tools.values():
        raise unittest.SkipTest(f"needs {MANIFEST['title']}")
    return tools


def _start(command, product, workspace, scratch, warm, entry="", arguments=(), stdin=b"", env=None):
    values = {**_tools(), "runner": RUNNER, "product": product, "entry": os.path.join(workspace, entry)}
    words = []
    for word in command:
        words += arguments if word == "{args}" else [re.sub(r"\{(\w+)\}", lambda match: values[match[1]], word)]
    environment = {
        "PATH": SEARCHED, "LANG": "C.UTF-8", "HOME": workspace, "TMPDIR": tempfile.mkdtemp(dir=scratch),
        "GLOVEBOX_PRODUCT": product, "GLOVEBOX_WARM": warm, **(env or {}),
    }
    return subprocess.run(words, input=stdin, capture_output=True, cwd=workspace, env=environment, timeout=120)


@functools.cache
def warm_files():
    """The folder of warm files, made once for all tests."""
    scratch = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, scratch)
    folder = os.path.join(scratch, "warm")
    os.mkdir(folder)
    if "warm" in MANIFEST:
        process = _start(MANIFEST["warm"]["command"], folder, scratch, scratch, folder)
        if process.returncode != 0:
            raise AssertionError(process.stderr.decode())
    return folder


class CompilerTest(unittest.TestCase):
    """A fresh workspace for each test."""

    maxDiff = None

    def setUp(self):
        self.scratch = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.scratch)
        self.empty_workspace()

    def empty_workspace(self):
        self.workspace = tempfile.mkdtemp(dir=self.scratch)

    def _run(self, command, product, warm=None, **options):
        return _start(command, product, self.workspace, self.scratch, warm or warm_files(), **options)

    def write(self, files):
        for name, content in files.items():
            path = os.path.join(self.workspace, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(content)

    def compile(self, files, entry=None, **options):
        """Compiles files, {name: content}, or the text of the main file."""
        if isinstance(files, str):
            files = {MANIFEST["mainFile"]: files}
        self.write(files)
        self.product = tempfile.mkdtemp(dir=self.scratch)
        self.entry = entry or next(iter(files))
        command = MANIFEST["compile"]["command"]
        return Ended("compile", self._run(command, self.product, entry=self.entry, **options), self.workspace)

    def run_product(self, *arguments, **options):
        process = self._run(MANIFEST["run"], self.product, entry=self.entry, arguments=arguments, **options)
        return Ended("run", process, self.workspace)

    def run_program(self, files, *arguments, entry=None, **options):
        """Compiles what must compile, and runs it."""
        compiled = self.compile(files, entry)
        self.assertEqual((compiled.status, compiled.stderr), (0, ""))
        return self.run_product(*arguments, **options)

    def assert_error(self, ended, **expected):
        self.assertEqual({name: (ended.error or {}).get(name) for name in expected}, expected)

    def check(self, entry):
        return self._run(MANIFEST["check"], self.scratch, entry=entry).returncode

    def product_files(self):
        """The content of the product, {name: bytes}."""
        found = {}
        for folder, _, names in os.walk(self.product):
            for name in names:
                path = os.path.join(folder, name)
                with open(path, "rb") as file:
                    found[os.path.relpath(path, self.product)] = file.read()
        return found
