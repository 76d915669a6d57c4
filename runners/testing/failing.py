"""What a compile script does when a program of the host that it uses fails without a word."""
import os
import shutil
import subprocess
import tempfile


def in_place_of(language, tool, folder, status):
    """
    A search path on which `tool` is a program that leaves its name in the file `used` of the folder and fails with the
    status, or is the real one when that is None.
    """
    script = os.path.join(tempfile.mkdtemp(dir=folder), tool)
    real = shutil.which(tool, path=language.searched)
    with open(script, "w", encoding="utf-8") as file:
        end = f'exec "{real}" "$@"' if status is None else f"exit {status}"
        file.write(f'#!/bin/sh\necho {tool} >>"{folder}/used"\n{end}\n')
    os.chmod(script, 0o755)
    return f"{os.path.dirname(script)}:{language.searched}"


class FailingSteps:
    """For a CompilerTest: asserts that a failure of each tool is one of the compilation, or of what is made ahead of time."""

    def _used(self):
        """The tools that were used since it was last asked."""
        place = os.path.join(self.scratch, "used")
        if not os.path.exists(place):
            return set()
        with open(place, encoding="utf-8") as file:
            used = set(file.read().split())
        os.remove(place)
        return used

    def compile_with(self, tool, status, files):
        """The end of a compilation in which the tool was used, and fails with the status if there is one."""
        path = in_place_of(self.language, tool, self.scratch, status)
        ended = self.compile(files, env={"PATH": path})
        self.assertEqual(self._used(), {tool})
        return ended

    def assert_all_count(self, tools, files, printed):
        """The program is compiled with each tool as it is, and is not with one that fails."""
        for tool in tools:
            with self.subTest(tool=tool):
                self.assertEqual(self.compile_with(tool, None, files).status, 0)
                self.assertEqual(self.run_product().stdout, printed)
                self.assertNotEqual(self.compile_with(tool, 2, files).status, 0)

    def warm_with(self, tool, status):
        """The exit status with which warm files are made, or are not. Skips what takes no such step here."""
        product, temporary = (tempfile.mkdtemp(dir=self.scratch) for _ in range(2))
        environment = {
            **self.language.environment, "HOME": self.scratch, "TMPDIR": temporary, "GLOVEBOX_PRODUCT": product,
            "PATH": in_place_of(self.language, tool, self.scratch, status),
        }
        command = self.language.command("warm", product=product)
        ended = subprocess.run(command, capture_output=True, cwd=self.scratch, env=environment, timeout=300)
        if self._used() != {tool}:
            self.skipTest(f"warm files of this toolchain are made without {tool}")
        return ended.returncode
