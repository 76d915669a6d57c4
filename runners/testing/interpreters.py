"""Tests of languages whose interpreter is parked, with the command of the manifest."""
import os
import subprocess
import unittest

from .folders import Folders
from .parked import Parked
from .result import Result
from .task import new_task, write_task
from .warm import warm_files


class Programs(Folders):
    """Programs of a `language` in one workspace."""

    language = None
    plain = ()  # the command that runs a program without the runner; {file} is the entry's name in the workspace

    def make_folders(self, add_cleanup):
        super().make_folders(add_cleanup)
        self._add_cleanup = add_cleanup

    def environment(self, more=None):
        """The variables of a process that is started in the workspace, or of a task."""
        return {**self.language.environment, "HOME": self.workspace, **(more or {})}

    def park_command(self, warm):
        return self.language.command("park", warm=warm)

    def park(self, warm=None):
        """Starts a runner. Returns it when it is parked."""
        command = self.park_command(warm or warm_files(self.language))
        parked = Parked(command, self.environment({"GLOVEBOX_JOB": self.job}), self.workspace)
        self._add_cleanup(parked.end)
        return parked

    def run_program(self, code=None, args=(), files=None, entry=None, env=None, stdin="", deaf=(), **task):
        """Runs `code`, which is written to the entry, or the entry as it is among `files`."""
        parked = self.park()
        entry = entry or self.language.main_file
        self.write_files({**({} if code is None else {entry: code}), **(files or {})})
        task = {"uploadedFiles": list(files or ()), "args": list(args), "env": self.environment(env), **task}
        task = new_task(self.workspace, entry=os.path.join(self.workspace, entry), **task)
        write_task(self.job, task, self.language.manifest.get("taskFormat", "json"))
        return parked.go(stdin.encode(), deaf)

    def run_plain(self, code=None, args=(), files=None, entry=None, env=None, stdin=""):
        """What the interpreter makes of the same program."""
        entry = entry or self.language.main_file
        self.write_files({**({} if code is None else {entry: code}), **(files or {})})
        places = {"file": entry, "entry": os.path.join(self.workspace, entry)}
        return self._run(self.language.fill(self.plain, args, **places), self.environment(env), stdin)

    def check(self, code, entry=None):
        """What the manifest's command says of the syntax of `code`."""
        path = self.write(entry or self.language.main_file, code)
        return self._run(self.language.command("check", entry=path), self.environment())

    def _run(self, command, environment, stdin=""):
        ended = subprocess.run(
            command, cwd=self.workspace, env=environment, input=stdin.encode(), capture_output=True, timeout=120
        )
        texts = (text.decode("utf-8", "backslashreplace") for text in (ended.stdout, ended.stderr))
        return Result(ended.returncode, *texts)


class InterpreterTest(Programs, unittest.TestCase):
    """A fresh workspace for each test."""

    maxDiff = None

    def setUp(self):
        self.make_folders(self.addCleanup)

    def assert_like_plain(self, code, args=(), **options):
        """The program does under the runner what it does without. Returns the runner's result."""
        plain = self.run_plain(code, args, **options)
        result = self.run_program(code, args, **options)
        self.assertEqual((result.stdout, result.stderr, result.status), (plain.stdout, plain.stderr, plain.status))
        return result
