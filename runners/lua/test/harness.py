"""Runs programs as the manifest says to, with a pipe of messages and a workspace of the test's own."""
import json
import os
import re
import shutil
import struct
import subprocess
import tempfile
import threading
import unittest

RUNNER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
MESSAGES = 4
PLAIN = ["{lua}"]
SEARCHED = "/usr/local/bin:/usr/bin:/bin"
with open(os.path.join(RUNNER, "runtime.json"), encoding="utf-8") as _file:
    MANIFEST = json.load(_file)


def _read_messages(descriptor):
    with open(descriptor, "rb") as pipe:
        while header := pipe.read(4):
            (size,) = struct.unpack(">I", header)
            yield json.loads(pipe.read(size).decode("utf-8"))


def _python_pattern(pattern):
    return re.compile(re.sub(r"\(\?<(?=\w)", "(?P<", pattern), re.MULTILINE)


def _read_error(stderr):
    """What the manifest's patterns find: the last match, and the frames from there to the end, in their order."""
    entries = MANIFEST["errors"]["run"]
    found = [(match, entry) for entry in entries for match in _python_pattern(entry["pattern"]).finditer(stderr)]
    if not found:
        return None
    match, entry = max(found, key=lambda pair: pair[0].start())
    error = {"type": entry.get("type"), "line": None, **match.groupdict()}
    frame = _python_pattern(entry["frame"]) if "frame" in entry else None
    frames = [f.groupdict() for f in frame.finditer(stderr, match.start())] if frame else []
    error["frames"] = [(f["file"], int(f["line"]), f["function"]) for f in frames]
    return {**error, "line": error["line"] and int(error["line"])}


class Result:
    """What a run left; paths of the test's workspace stand in the output as /workspace."""

    def __init__(self, status, stdout, stderr, messages):
        self.status, self.stdout, self.stderr, self.messages = status, stdout, stderr, messages
        self.error = _read_error(stderr)
        self.results = {m["name"]: m["value"] for m in messages if m["type"] == "result"}
        self.warnings = [m["message"] for m in messages if m["type"] == "warning"]
        self.progress = [(m["fraction"], m["message"]) for m in messages if m["type"] == "progress"]


class RunnerTest(unittest.TestCase):
    """A fresh workspace for each test."""

    maxDiff = None

    def setUp(self):
        self.scratch = os.path.realpath(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.scratch)
        self.workspace = os.path.join(self.scratch, "workspace")
        os.mkdir(self.workspace)

    def write(self, name, content):
        path = os.path.join(self.workspace, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)

    def read(self, name):
        with open(os.path.join(self.workspace, name), encoding="utf-8", newline="") as file:
            return file.read()

    def command(self, template, args=()):
        entry = os.path.join(self.workspace, MANIFEST["mainFile"])
        places = {name: shutil.which(names[0], path=SEARCHED) for name, names in MANIFEST["tools"].items()}
        places.update(runner=RUNNER, entry=entry)
        fill = lambda part: re.sub(r"\{(\w+)\}", lambda match: places[match[1]], part)
        return [word for part in template for word in (args if part == "{args}" else [fill(part)])]

    def run_program(self, code, args=(), plain=False, pipe=True, stdin="", input_text=None, **given):
        """plain: the interpreter and nothing else. given: parameters, data, uploadedFiles of the request."""
        self.write(MANIFEST["mainFile"], code)
        template = [*PLAIN, "{entry}", "{args}"] if plain else MANIFEST["run"]
        request = {"parameters": {}, "data": None, "uploadedFiles": [], **given}
        request.update(workspace=self.workspace, jobId="job-1")
        places = {name: os.path.join(self.scratch, name) for name in ("input.json", "results.jsonl")}
        with open(places["input.json"], "w", encoding="utf-8") as file:
            file.write(json.dumps(request) if input_text is None else input_text)
        open(places["results.jsonl"], "w").close()
        env = {"PATH": SEARCHED, "HOME": self.workspace, "LANG": "C.UTF-8", "WORKSPACE": self.workspace}
        if not plain:
            env.update(GLOVEBOX_INPUT=places["input.json"], GLOVEBOX_RESULTS=places["results.jsonl"])
        return self._run(self.command(template, args), env, stdin, pipe)

    def check(self, code):
        self.write(MANIFEST["mainFile"], code)
        return self._run(self.command(MANIFEST["check"]), {"PATH": SEARCHED}, "", False)

    def _run(self, command, env, stdin, pipe):
        messages = []
        reader, writer = os.pipe()
        process = subprocess.Popen(
            command, cwd=self.workspace, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            pass_fds=(MESSAGES,) if pipe else (), preexec_fn=lambda: os.dup2(writer, MESSAGES),
        )
        os.close(writer)
        listener = threading.Thread(target=lambda: messages.extend(_read_messages(reader)))
        listener.start()
        output = process.communicate(stdin.encode())
        listener.join()
        texts = [text.decode("utf-8", "backslashreplace").replace(self.workspace, "/workspace") for text in output]
        return Result(process.returncode, *texts, messages)
