"""Tests of languages whose programs are a command, with the command of the manifest."""
import json
import os
import unittest

from .errors import read_error
from .folders import Folders
from .frames import read_frames
from .process import MESSAGES, Process
from .result import ReadResult


class CommandTest(Folders, unittest.TestCase):
    """A fresh workspace for each test of a `language`."""

    maxDiff = None
    language = None
    plain = ()  # the command that is the interpreter and nothing else

    def setUp(self):
        self.make_folders(self.addCleanup)
        self.input_file, self.results_file = (f"{self.job}/{name}" for name in ("input.json", "results.jsonl"))

    def run_program(self, code, args=(), plain=False, pipe=True, stdin="", input_text=None, **given):
        """Runs `code`, without the runner if `plain`. given: parameters, data, uploadedFiles of the request."""
        request = {
            "parameters": {}, "data": None, "uploadedFiles": [], "workspace": self.workspace, "jobId": "job-1", **given,
        }
        with open(self.input_file, "w", encoding="utf-8") as file:
            file.write(json.dumps(request) if input_text is None else input_text)
        open(self.results_file, "w").close()
        env = {"HOME": self.workspace, "TMPDIR": self.temporary, "WORKSPACE": self.workspace}
        if not plain:
            env.update(GLOVEBOX_INPUT=self.input_file, GLOVEBOX_RESULTS=self.results_file)
        template = [*self.plain, "{entry}", "{args}"] if plain else self.language.manifest["run"]
        return self._run(template, code, args, env, stdin, pipe)

    def check(self, code):
        return self._run(self.language.manifest["check"], code, pipe=False)

    def _run(self, template, code, args=(), env=None, stdin="", pipe=True):
        entry = self.write(self.language.main_file, code)
        process = Process(
            self.language.fill(template, args, entry=entry), {**self.language.environment, **(env or {})},
            self.workspace, {0: self._opened(stdin)}, collected=(1, 2, MESSAGES) if pipe else (1, 2),
        )
        self.addCleanup(process.end)
        status = process.collect()
        messages, _ = read_frames(process.output(MESSAGES))
        stdout, stderr = (self.as_workspace(process.output(number)) for number in (1, 2))
        return ReadResult(status, stdout, stderr, messages, error=read_error(self.language, "run", stderr))

    def _opened(self, stdin):
        """A descriptor of a file with that text."""
        path = os.path.join(self.scratch, "stdin")
        with open(path, "wb") as file:
            file.write(stdin.encode())
        return os.open(path, os.O_RDONLY)
