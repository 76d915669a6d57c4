"""Starts the runner as a sandbox does, with pipes and folders of the tests, and gives what came of it."""
import fcntl
import json
import os
import shutil
import subprocess
import tempfile
import threading
import unittest

RUNNERS = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NODE = os.environ.get("GLOVEBOX_TEST_NODE", "/usr/bin/node")
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "TERM": "dumb"}
_ABOVE_ALL = 200  # where descriptors wait for their place


def manifest(language):
    with open(os.path.join(RUNNERS, language, "runtime.json"), encoding="utf-8") as file:
        return json.load(file)


def command_of(language, name):
    """A command of the manifest with its placeholders filled in."""
    places = {"{node}": NODE, "{runner}": os.path.join(RUNNERS, language)}
    words = manifest(language)[name]
    for place, value in places.items():
        words = [word.replace(place, value) for word in words]
    return words


class Result:
    """What a run left: stdout, stderr, messages, the announced status, status (negative: killed by that signal)."""

    def __init__(self, stdout, stderr, status, frames):
        self.stdout, self.stderr = (text.decode("utf-8", "backslashreplace") for text in (stdout, stderr))
        self.status = status
        self.announced = None
        self.messages = []
        while frames:
            length = int.from_bytes(frames[:4], "big")
            if length == 0xFFFFFFFF:
                assert len(frames) == 5, frames
                self.announced = frames[4]
                break
            self.messages.append(json.loads(frames[4 : 4 + length]))
            frames = frames[4 + length :]

    def of_type(self, kind):
        return [message for message in self.messages if message["type"] == kind]

    def _only(self, kind, field):
        (message,) = self.of_type(kind)
        return message[field]

    @property
    def value(self):
        return self._only("value", "value")

    @property
    def error(self):
        return self._only("error", "error")

    @property
    def variables(self):
        return self._only("variables", "variables")

    @property
    def displays(self):
        return [message["data"] for message in self.of_type("display")]

    @property
    def results(self):
        return {message["name"]: message["value"] for message in self.of_type("result")}

    @property
    def warnings(self):
        return [message["message"] for message in self.of_type("warning")]


class Parked:
    """A runner that waits for its task, with a workspace and a job folder of its own."""

    def __init__(self, language):
        self.folder = os.path.realpath(tempfile.mkdtemp())
        self.workspace, self.job = f"{self.folder}/workspace", f"{self.folder}/job"
        os.mkdir(self.workspace)
        os.mkdir(self.job)
        go_reader, self._go = os.pipe()
        self._messages, writer = os.pipe()
        self.process = subprocess.Popen(
            command_of(language, "park"),
            env={**ENVIRONMENT, "HOME": self.workspace, "GLOVEBOX_JOB": self.job},
            cwd=self.workspace,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            close_fds=False,
            preexec_fn=lambda: _place(go_reader, writer),
        )
        os.close(go_reader)
        os.close(writer)
        self._frames = bytearray()

    def wait_until_parked(self):
        expected = b'{"type":"parked"}'
        while len(self._frames) < 4 + len(expected):
            part = os.read(self._messages, 1 << 16)
            if not part:
                raise AssertionError("the runner did not park: " + self.process.stderr.read().decode())
            self._frames += part
        assert bytes(self._frames[4:]) == expected, self._frames

    def write(self, name, content):
        path = os.path.join(self.workspace, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())

    def go(self, task, stdin=b"", deaf=False):
        """Starts the program and returns when it is over. `deaf`: nobody reads its messages."""
        with open(f"{self.job}/task.json", "w", encoding="utf-8") as file:
            json.dump(task, file)
        self._frames = bytearray()
        if deaf:
            os.close(self._messages)
        reader = threading.Thread(target=(lambda: None) if deaf else self._read)
        reader.start()
        os.write(self._go, b"\n")
        stdout, stderr = self.process.communicate(stdin)
        reader.join()
        return Result(stdout, stderr, self.process.returncode, bytes(self._frames))

    def hang_up(self):
        """Lets the other side of the go pipe go away. Returns the exit status."""
        os.close(self._go)
        self._go = None
        self.process.communicate()
        return self.process.returncode

    def release(self):
        for descriptor in (self._go, self._messages):
            try:
                os.close(descriptor)
            except (OSError, TypeError):
                pass
        self.process.kill()
        self.process.communicate()
        shutil.rmtree(self.folder)

    def _read(self):
        while part := os.read(self._messages, 1 << 16):
            self._frames += part


def _place(go_reader, writer):
    """In the child: the go pipe becomes 3, the messages 4, and nothing else is open."""
    waiting = [fcntl.fcntl(descriptor, fcntl.F_DUPFD, _ABOVE_ALL) for descriptor in (go_reader, writer)]
    for number, descriptor in enumerate(waiting, start=3):
        os.dup2(descriptor, number)
    os.closerange(5, 1024)


class RunnerTest(unittest.TestCase):
    """One runner for each program; the next one parks meanwhile."""

    language = "javascript"
    main_file = "main.js"
    _next = None

    @classmethod
    def tearDownClass(cls):
        if cls._next is not None:
            cls._next.release()
            cls._next = None

    @classmethod
    def parked(cls):
        ready = cls._next or Parked(cls.language)
        ready.wait_until_parked()
        cls._next = Parked(cls.language)
        return ready

    def run_program(self, code=None, files=None, entry=None, stdin=b"", deaf=False, env=None, **task):
        """Runs `code`, or `entry` of `files`. The folder of the run is gone afterwards."""
        runner = self.parked()
        self.addCleanup(runner.release)
        entry = entry or self.main_file
        for name, content in {**({} if code is None else {entry: code}), **(files or {})}.items():
            runner.write(name, content)
        self.workspace = runner.workspace
        environment = {**ENVIRONMENT, "HOME": runner.workspace, **(env or {})}
        whole = {
            "entry": f"{runner.workspace}/{entry}", "args": [], "env": environment, "parameters": {}, "data": None,
            "uploadedFiles": [], "returnVariables": [], "jobId": "job-1", "context": {},
            "workspace": runner.workspace, **task,
        }
        return runner.go(whole, stdin, deaf)

    def read(self, name):
        with open(os.path.join(self.workspace, name), encoding="utf-8") as file:
            return file.read()
