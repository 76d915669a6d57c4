"""Folders of the tests. None of them outlives its test, nor a run of the tests that is interrupted."""
import os
import signal
import tempfile

# By itself this signal ends Python without any clearing up.
signal.signal(signal.SIGTERM, signal.default_int_handler)


def temporary_folder(add_cleanup):
    """An empty folder, which is removed when what is given to `add_cleanup` is called, and at the end at the latest."""
    folder = tempfile.TemporaryDirectory()
    add_cleanup(folder.cleanup)
    return os.path.realpath(folder.name)


class Folders:
    """What stands for the writable places of a sandbox: `workspace`, `job` for /glovebox, `temporary` for /tmp."""

    def make_folders(self, add_cleanup):
        self.scratch = temporary_folder(add_cleanup)
        self.workspace, self.job, self.temporary = (f"{self.scratch}/{name}" for name in ("workspace", "job", "tmp"))
        for folder in (self.workspace, self.job, self.temporary):
            os.mkdir(folder)

    def write(self, name, content):
        """Writes a file of the workspace. Returns its path."""
        path = os.path.join(self.workspace, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
        return path

    def write_files(self, files):
        for name, content in files.items():
            self.write(name, content)

    def read(self, name):
        with open(os.path.join(self.workspace, name), encoding="utf-8", newline="") as file:
            return file.read()

    def as_workspace(self, output):
        """Output as text in which the workspace has the name that it has in sandboxes."""
        return output.decode("utf-8", "backslashreplace").replace(self.workspace, "/workspace")
