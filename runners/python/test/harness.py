"""Runs programs through a nursery process of the tests and gives their results."""
import json
import os
import subprocess
import sys
import unittest
from importlib.util import find_spec

from testing.folders import Folders, temporary_folder
from testing.result import Result
from testing.task import new_task

RUNNERS = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class RunnerTest(Folders, unittest.TestCase):
    """A nursery with `preload` for each class, a fresh workspace for each test."""

    preload = ()
    needs = None  # modules without which the class is skipped; those of `preload` unless given
    nursery_environment = {}
    parked = True
    kept = None  # a folder for what matplotlib keeps

    @classmethod
    def setUpClass(cls):
        missing = [name for name in (cls.preload if cls.needs is None else cls.needs) if find_spec(name) is None]
        if missing:
            raise unittest.SkipTest(f"needs {', '.join(missing)}")
        cls.kept = temporary_folder(cls.addClassCleanup)
        # The name of the folder as a nursery sees it (outer-wall.ts), on which the lines in warnings depend.
        runners = cls.kept + "/importlib_bootstrap"
        os.symlink(RUNNERS, runners)
        environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "MPLCONFIGDIR": cls.kept + "/nursery"}
        cls.nursery = subprocess.Popen(
            [sys.executable, "-I", "-B", runners + "/python/test/nursery_process.py", *cls.preload],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**environment, **cls.nursery_environment},
        )
        cls.addClassCleanup(cls._end_nursery)
        cls.prepared = json.loads(cls.nursery.stdout.readline())

    @classmethod
    def _end_nursery(cls):
        cls.nursery.stdin.close()
        cls.nursery.wait()
        cls.nursery.stdout.close()

    def setUp(self):
        self.make_folders(self.addCleanup)

    def run_program(self, code=None, stdin="", close_stdout=False, close_channel=False, env=None, **task):
        environment = {"PATH": "/usr/bin:/bin", "HOME": self.workspace, "MPLCONFIGDIR": self.kept + "/run"}
        environment = {**environment, "MPLBACKEND": "module://glovebox_matplotlib", **(env or {})}
        order = {
            "task": new_task(self.workspace, **{"code": code, "env": environment, **task}), "stdin": stdin,
            "closeStdout": close_stdout, "closeChannel": close_channel, "parked": self.parked,
        }
        self.nursery.stdin.write(json.dumps(order).encode() + b"\n")
        self.nursery.stdin.flush()
        return Result(**json.loads(self.nursery.stdout.readline()))
