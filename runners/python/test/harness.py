"""Runs programs through a nursery process of the tests and gives their results."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from importlib.util import find_spec

NURSERY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "nursery_process.py")


class Result:
    """What a run left: stdout, stderr, messages, status (negative: killed by that signal)."""

    def __init__(self, answer):
        self.__dict__.update(answer)

    def of_type(self, kind):
        return [message for message in self.messages if message["type"] == kind]

    @property
    def value(self):
        (message,) = self.of_type("value")
        return message["value"]

    @property
    def error(self):
        (message,) = self.of_type("error")
        return message["error"]

    @property
    def displays(self):
        return [message["data"] for message in self.of_type("display")]

    @property
    def warnings(self):
        return [message["message"] for message in self.of_type("warning")]


class RunnerTest(unittest.TestCase):
    """A nursery with `preload` for each class, a fresh workspace for each test."""

    preload = ()
    needs = None  # modules without which the class is skipped; those of `preload` unless given
    nursery_environment = {}
    parked = True

    @classmethod
    def setUpClass(cls):
        missing = [name for name in (cls.preload if cls.needs is None else cls.needs) if find_spec(name) is None]
        if missing:
            raise unittest.SkipTest(f"needs {', '.join(missing)}")
        cls.scratch = tempfile.mkdtemp()
        environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "MPLCONFIGDIR": cls.scratch + "/nursery"}
        cls.nursery = subprocess.Popen(
            [sys.executable, "-I", NURSERY, *cls.preload],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**environment, **cls.nursery_environment},
        )
        cls.prepared = json.loads(cls.nursery.stdout.readline())

    @classmethod
    def tearDownClass(cls):
        cls.nursery.stdin.close()
        cls.nursery.wait()
        cls.nursery.stdout.close()
        shutil.rmtree(cls.scratch)

    def setUp(self):
        self.workspace = os.path.realpath(tempfile.mkdtemp(dir=self.scratch))

    def write(self, name, content):
        path = os.path.join(self.workspace, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w" if isinstance(content, str) else "wb") as file:
            file.write(content)

    def read(self, name):
        with open(os.path.join(self.workspace, name)) as file:
            return file.read()

    def run_program(self, code=None, stdin="", close_stdout=False, close_channel=False, env=None, **task):
        environment = {"PATH": "/usr/bin:/bin", "HOME": self.workspace, "MPLCONFIGDIR": self.scratch + "/run"}
        task = {
            "code": code, "entry": None, "args": [], "parameters": {}, "data": None, "uploadedFiles": [],
            "returnVariables": [], "jobId": "job-1", "context": {}, "workspace": self.workspace,
            "env": {**environment, "MPLBACKEND": "module://glovebox_matplotlib", **(env or {})}, **task,
        }
        order = {"task": task, "stdin": stdin, "closeStdout": close_stdout, "closeChannel": close_channel, "parked": self.parked}
        self.nursery.stdin.write(json.dumps(order).encode() + b"\n")
        self.nursery.stdin.flush()
        return Result(json.loads(self.nursery.stdout.readline()))
