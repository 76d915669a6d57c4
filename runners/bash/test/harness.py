"""Starts the runner as a sandbox does, with pipes and a folder of the tests, and gives what came of it."""

import fcntl
import json
import os
import selectors
import shutil
import subprocess
import tempfile
import unittest

RUNNER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BASH = "/usr/bin/bash"
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "TERM": "dumb"}
_FIRST_FREE = 64


class Result:
    """What a run left: stdout, stderr, messages, status (negative: killed by that signal)."""

    def __init__(self, stdout, stderr, messages, status):
        self.stdout, self.stderr = (text.decode("utf-8", "backslashreplace") for text in (stdout, stderr))
        self.status = status
        self.messages = messages

    def of_type(self, kind):
        return [message for message in self.messages if message["type"] == kind]

    @property
    def results(self):
        return {message["name"]: message["value"] for message in self.of_type("result")}

    @property
    def warnings(self):
        return [message["message"] for message in self.of_type("warning")]


class Parked:
    """A runner that waits for its task."""

    def __init__(self, command, environment, workspace):
        self._ours, theirs = {}, {}
        for number in range(5):
            reader, writer = os.pipe()
            ends = (writer, reader) if number in (0, 3) else (reader, writer)
            self._ours[number], theirs[number] = ends
        self.process = subprocess.Popen(
            command, env=environment, cwd=workspace, close_fds=False, preexec_fn=lambda: _place(theirs)
        )
        for end in theirs.values():
            os.close(end)
        self._collected = {number: bytearray() for number in (1, 2, 4)}
        while not self._collected[4].endswith(b'{"type":"parked"}'):
            part = os.read(self._ours[4], 1 << 16)
            if not part:
                raise AssertionError("the runner did not park: " + os.read(self._ours[2], 1 << 16).decode())
            self._collected[4] += part

    def go(self, stdin=b"", deaf=()):
        """Starts the program and returns when it is over. `deaf`: descriptors that nobody reads."""
        for number in deaf:
            os.close(self._ours.pop(number))
        os.write(self._ours[0], stdin)
        os.close(self._ours.pop(0))
        os.write(self._ours[3], b"\n")
        return self.wait()

    def wait(self):
        os.close(self._ours.pop(3))
        self._ours.pop(0, None) and None
        with selectors.DefaultSelector() as selector:
            for number, end in self._ours.items():
                selector.register(end, selectors.EVENT_READ, number)
            while selector.get_map():
                for key, _ in selector.select():
                    part = os.read(key.fd, 1 << 16)
                    self._collected[key.data] += part
                    if not part:
                        selector.unregister(key.fd)
                        os.close(key.fd)
        status = self.process.wait()
        return Result(bytes(self._collected[1]), bytes(self._collected[2]), list(messages(self._collected[4])), status)


def _place(theirs):
    """In the child: gives each end its number, and leaves no other open."""
    moved = {number: fcntl.fcntl(end, fcntl.F_DUPFD, _FIRST_FREE) for number, end in theirs.items()}
    for number, end in moved.items():
        os.dup2(end, number)
    os.closerange(5, 1024)


def messages(stream):
    """The messages after the one that says that the runner is parked."""
    stream, first = bytes(stream), True
    while stream:
        size = int.from_bytes(stream[:4], "big")
        if len(stream) < 4 + size:
            raise AssertionError("the last frame is cut")
        if not first:
            yield json.loads(stream[4 : 4 + size])
        stream, first = stream[4 + size :], False


class RunnerTest(unittest.TestCase):
    """A fresh workspace and job folder for each test."""

    def setUp(self):
        self.scratch = os.path.realpath(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.scratch)
        self.workspace, self.job = os.path.join(self.scratch, "workspace"), os.path.join(self.scratch, "glovebox")
        os.mkdir(self.workspace)
        os.mkdir(self.job)

    def write(self, name, content):
        path = os.path.join(self.workspace, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w" if isinstance(content, str) else "wb") as file:
            file.write(content)
        return path

    def read(self, name):
        with open(os.path.join(self.workspace, name)) as file:
            return file.read()

    def park(self):
        with open(os.path.join(RUNNER, "runtime.json")) as file:
            command = json.load(file)["park"]
        values = {"{runner}": RUNNER, "{bash}": BASH, "/workspace": self.workspace}
        for placeholder, value in values.items():
            command = [part.replace(placeholder, value) for part in command]
        return Parked(command, {**ENVIRONMENT, "HOME": self.workspace, "GLOVEBOX_JOB": self.job}, self.workspace)

    def run_program(self, code=None, *args, entry="main.sh", env=None, stdin="", deaf=()):
        """Runs `code`, which is written to the entry, or the entry as it is."""
        parked = self.park()
        if code is not None:
            self.write(entry, code)
        self.write_task({"entry": os.path.join(self.workspace, entry), "args": args, "env": self.environment(env)})
        return parked.go(stdin.encode() if isinstance(stdin, str) else stdin, deaf)

    def environment(self, more=None):
        return {**ENVIRONMENT, "HOME": self.workspace, **(more or {})}

    def write_task(self, task):
        words = [
            task["entry"],
            str(len(task["args"])),
            *task["args"],
            *(f"{name}={value}" for name, value in task["env"].items()),
        ]
        with open(os.path.join(self.job, "task.words"), "wb") as file:
            file.write(b"".join(os.fsencode(word) + b"\0" for word in words))

    def run_bare(self, code, *args, entry="main.sh", env=None, stdin=""):
        """What the interpreter makes of the same program: stdout, stderr, status."""
        path = self.write(entry, code)
        done = subprocess.run(
            [BASH, path, *args],
            cwd=self.workspace,
            env=self.environment(env),
            input=stdin.encode(),
            capture_output=True,
        )
        return (
            done.stdout.decode("utf-8", "backslashreplace"),
            done.stderr.decode("utf-8", "backslashreplace"),
            done.returncode,
        )

    def assert_like_bare(self, code, *args, **options):
        """The program does under the runner what it does without. Returns the runner's result."""
        bare = self.run_bare(code, *args, **options)
        result = self.run_program(code, *args, **options)
        self.assertEqual((result.stdout, result.stderr, result.status), bare)
        return result
