"""Which virtual environments are taken, and what of them an interpreter has then."""
import json
import os
import subprocess
import sys
import unittest

from testing.folders import temporary_folder

from python import virtual_environment

VERSION = "%d.%d.%d" % sys.version_info[:3]
PACKAGES = "lib/python%d.%d/site-packages" % sys.version_info[:2]
RUNNERS = os.path.dirname(os.path.dirname(os.path.abspath(virtual_environment.__file__)))
ENTER = (
    "import json, sys; before = sys.path[:]; sys.path.insert(0, sys.argv[1]); from python import virtual_environment\n"
    "virtual_environment.enter(sys.argv[2]); print(json.dumps([before, sys.path[1:], sys.prefix, sys.executable]))"
)


class VirtualEnvironmentTest(unittest.TestCase):
    def setUp(self):
        self.folder = temporary_folder(self.addCleanup)

    def make(self, settings):
        os.makedirs(os.path.join(self.folder, PACKAGES))
        with open(os.path.join(self.folder, "pyvenv.cfg"), "w", encoding="utf-8") as file:
            file.write(settings)
        return os.path.join(self.folder, PACKAGES)

    def enter(self):
        command = [sys.executable, "-I", "-B", "-c", ENTER, RUNNERS, self.folder]
        return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)

    def test_the_version_stands_under_either_name(self):
        packages = self.make(f"home = /usr/bin\nversion_info = {VERSION}.final.0\n")
        self.assertEqual(virtual_environment.read(self.folder), (packages, False))

    def test_an_environment_without_a_version_is_refused(self):
        self.make("home = /usr/bin\n")
        with self.assertRaisesRegex(ValueError, "^is a virtual environment of Python unknown, and Python programs run in "):
            virtual_environment.read(self.folder)

    def test_its_packages_take_the_place_of_the_hosts(self):
        packages = self.make(f"version = {VERSION}\ninclude-system-site-packages = false\n")
        before, after, prefix, executable = self.enter()
        hosts = [entry for entry in before if os.path.basename(entry) in ("dist-packages", "site-packages")]
        self.assertEqual(after, [entry for entry in before if entry not in hosts] + [packages])
        self.assertEqual((prefix, executable), (self.folder, sys.executable))

    def test_the_hosts_packages_follow_where_the_environment_says_so(self):
        packages = self.make(f"version = {VERSION}\ninclude-system-site-packages = TRUE\n")
        before, after, _, _ = self.enter()
        hosts = [entry for entry in before if os.path.basename(entry) in ("dist-packages", "site-packages")]
        self.assertEqual(after, [entry for entry in before if entry not in hosts] + [packages, *hosts])

    def test_its_interpreter_is_the_programs(self):
        self.make(f"version = {VERSION}\n")
        os.mkdir(os.path.join(self.folder, "bin"))
        os.symlink(sys.executable, os.path.join(self.folder, "bin/python3"))
        self.assertEqual(self.enter()[3], os.path.join(self.folder, "bin/python3"))

    def test_the_program_says_why_an_environment_cannot_be_used(self):
        self.make("version = 2.7.18\n")
        command = [sys.executable, "-I", "-B", virtual_environment.__file__, self.folder]
        ended = subprocess.run(command, stderr=subprocess.PIPE, text=True)
        reason = (
            f"is a virtual environment of Python 2.7.18, and Python programs run in {sys.executable}, which is {VERSION}; "
            f"make one with '{sys.executable} -m venv FOLDER'\n"
        )
        self.assertEqual((ended.returncode, ended.stderr), (1, reason))
