"""Tests of languages whose programs are compiled, with the commands of the manifest."""
import os
import subprocess
import tempfile
import unittest

from .errors import read_error
from .folders import Folders
from .result import ReadResult
from .warm import warm_files


class CompilerTest(Folders, unittest.TestCase):
    """A fresh workspace for each test of a `language`."""

    maxDiff = None
    language = None

    def setUp(self):
        self.make_folders(self.addCleanup)

    @classmethod
    def warm_files(cls):
        return warm_files(cls.language)

    def run_command(self, template, product, entry="", arguments=(), stdin=b"", env=None, warm=None, options=()):
        """Runs a command of the manifest to its end."""
        warm = warm or self.warm_files()
        places = {"entry": os.path.join(self.workspace, entry), "product": product, "warm": warm}
        environment = {
            **self.language.environment, "HOME": self.workspace,
            # Of its own: scripts may count on an empty one.
            "TMPDIR": tempfile.mkdtemp(dir=self.temporary), "GLOVEBOX_PRODUCT": product, "GLOVEBOX_WARM": warm,
            **(env or {}),
        }
        command = self.language.fill(template, arguments, options, **places)
        return subprocess.run(
            command, input=stdin, capture_output=True, cwd=self.workspace, env=environment, timeout=120
        )

    def _ended(self, stage, process):
        stdout, stderr = self.as_workspace(process.stdout), self.as_workspace(process.stderr)
        return ReadResult(process.returncode, stdout, stderr, error=read_error(self.language, stage, stderr))

    def compile(self, files, entry=None, **options):
        """Compiles files, {name: content}, or the text of the main file."""
        if isinstance(files, str):
            files = {self.language.main_file: files}
        self.write_files(files)
        self.product = tempfile.mkdtemp(dir=self.scratch)
        self.entry = entry or next(iter(files))
        template = self.language.manifest["compile"]["command"]
        return self._ended("compile", self.run_command(template, self.product, self.entry, **options))

    def run_product(self, *arguments, **options):
        template = self.language.manifest["run"]
        return self._ended("run", self.run_command(template, self.product, self.entry, arguments, **options))

    def run_program(self, files, *arguments, entry=None, compile_options=(), **options):
        """Compiles what must compile, and runs it."""
        compiled = self.compile(files, entry, options=compile_options)
        self.assertEqual((compiled.status, compiled.stderr), (0, ""))
        return self.run_product(*arguments, **options)

    def assert_error(self, ended, **expected):
        self.assertEqual({name: (ended.error or {}).get(name) for name in expected}, expected)

    def check(self, entry):
        return self.run_command(self.language.manifest["check"], self.scratch, entry).returncode

    def product_files(self):
        """The content of the product, {name: bytes}."""
        found = {}
        for folder, _, names in os.walk(self.product):
            for name in names:
                path = os.path.join(folder, name)
                with open(path, "rb") as file:
                    found[os.path.relpath(path, self.product)] = file.read()
        return found
