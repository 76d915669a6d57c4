"""What a language has made ahead of time."""
import atexit
import functools
import os
import subprocess

from .folders import temporary_folder


@functools.cache
def warm_files(language):
    """The folder of warm files, made once for all tests; empty when the manifest makes none."""
    scratch = temporary_folder(atexit.register)
    folder, temporary = (f"{scratch}/{name}" for name in ("warm", "tmp"))
    for made in (folder, temporary):
        os.mkdir(made)
    if "warm" in language.manifest:
        command = language.command("warm", product=folder)
        environment = {**language.environment, "HOME": scratch, "TMPDIR": temporary, "GLOVEBOX_PRODUCT": folder}
        process = subprocess.run(command, capture_output=True, cwd=scratch, env=environment, timeout=300)
        if process.returncode != 0:
            raise AssertionError(f"{command} made no warm files: {process.stderr.decode('utf-8', 'replace')}")
    return folder
