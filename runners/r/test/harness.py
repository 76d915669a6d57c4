"""Runs programs in parked R processes, as the warden would, and gives their results."""

import atexit
import fcntl
import functools
import json
import os
import shutil
import signal
import struct
import subprocess
import tempfile
import threading
import unittest

RUNNER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BASE = {
    "PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "TERM": "dumb", "TMPDIR": "/tmp",
    "OPENBLAS_NUM_THREADS": "1",
}


@functools.cache
def scratch():
    folder = os.path.realpath(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder)
    return folder


@functools.cache
def warm_folder():
    folder = tempfile.mkdtemp(dir=scratch())
    command = ["/usr/bin/Rscript", f"{RUNNER}/warm.R", folder, RUNNER]
    subprocess.run(command, check=True, env={**BASE, "HOME": folder}, cwd=folder)
    return folder


class Parked:
    """A parked R process with a workspace and a job folder of its own."""

    def __init__(self, warm=None):
        self.workspace = tempfile.mkdtemp(dir=scratch())
        self.job = tempfile.mkdtemp(dir=scratch())
        self.environment = {**BASE, "HOME": self.workspace, "XDG_CACHE_HOME": f"{self.job}/.cache"}
        stdin, stdout, stderr, start, messages = (os.pipe() for _ in range(5))
        self.ours = [stdin[1], stdout[0], stderr[0], start[1], messages[0]]
        theirs = [stdin[0], stdout[1], stderr[1], start[0], messages[1]]
        command = ["/bin/sh", f"{RUNNER}/park.sh", "/usr/bin/R", warm or warm_folder()]
        self.pid = os.fork()
        if self.pid == 0:
            try:
                self._become(theirs, command)
            finally:
                os._exit(125)
        for end in theirs:
            os.close(end)

    def _become(self, descriptors, command):
        high = [fcntl.fcntl(descriptor, fcntl.F_DUPFD, 64) for descriptor in descriptors]
        for number, descriptor in enumerate(high):
            os.dup2(descriptor, number)
        os.closerange(5, 1 << 10)
        os.chdir(self.workspace)
        os.execve(command[0], command, {**self.environment, "GLOVEBOX_JOB": self.job})

    def wait_until_parked(self):
        (length,) = struct.unpack(">I", os.read(self.ours[4], 4))
        return json.loads(os.read(self.ours[4], length))

    def begin(self, task, stdin=b""):
        with open(f"{self.job}/task.json", "w", encoding="utf-8") as file:
            json.dump(task, file, ensure_ascii=False)
        os.write(self.ours[0], stdin)
        os.close(self.ours[0])
        os.write(self.ours[3], b"\n")
        os.close(self.ours[3])

    def result(self):
        streams = {}
        readers = [threading.Thread(target=self._drain, args=(number, streams)) for number in (1, 2, 4)]
        for reader in readers:
            reader.start()
        status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        self.pid = None
        for reader in readers:
            reader.join()
        return Result(self, status, streams)

    def _drain(self, number, streams):
        with open(self.ours[number], "rb") as file:
            streams[number] = file.read()

    def kill(self):
        if self.pid is not None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            for end in self.ours:
                os.close(end)


class Result:
    """What a run left: stdout, stderr, messages, status (negative: killed by that signal), workspace, job."""

    def __init__(self, parked, status, streams):
        self.workspace, self.job, self.status = parked.workspace, parked.job, status
        self.stdout, self.stderr = streams[1].decode(), streams[2].decode()
        self.messages = []
        rest = streams[4]
        while rest:
            (length,) = struct.unpack_from(">I", rest)
            self.messages.append(json.loads(rest[4 : 4 + length]))
            rest = rest[4 + length :]

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
    def results(self):
        return {message["name"]: message["value"] for message in self.of_type("result")}

    @property
    def displays(self):
        return [message["data"] for message in self.of_type("display")]

    @property
    def warnings(self):
        return [message["message"] for message in self.of_type("warning")]

    def read(self, name):
        with open(os.path.join(self.workspace, name), encoding="utf-8") as file:
            return file.read()


_spare = []


def _take():
    """A parked process; the next one is started already, so that it parks meanwhile."""
    parked = _spare.pop() if _spare else Parked()
    _spare.append(Parked())
    return parked


@atexit.register
def _kill_spare():
    while _spare:
        _spare.pop().kill()


class RunnerTest(unittest.TestCase):
    maxDiff = None

    def run_program(self, code="", stdin="", files=(), env=(), entry="main.R", **task):
        parked = _take()
        self.assertEqual(parked.wait_until_parked(), {"type": "parked"})
        files = dict(files)
        for name, content in {"main.R": code, **files}.items():
            path = os.path.join(parked.workspace, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(content if isinstance(content, bytes) else content.encode())
        parked.begin({
            "entry": f"{parked.workspace}/{entry}", "args": [], "parameters": {}, "data": None,
            "uploadedFiles": list(files), "returnVariables": [], "jobId": "job-1", "context": {},
            "workspace": parked.workspace, "env": {**parked.environment, **dict(env)}, **task,
        }, stdin.encode())
        return parked.result()
