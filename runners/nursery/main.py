"""The nursery's loop: park sandboxes on command, report the ones that are gone.

Theory of operation. The nursery runs inside the outer wall (bubblewrap), holds capabilities only there, and
has imported the libraries of its programs if they are Python. It has one thread, because it forks. Commands arrive as JSON
lines on standard input and reports leave as JSON lines on standard output; both speak only of sandboxes by
their id, never of what runs in them. A warden talks to the host on a connection of its own.

For each `park` the nursery forks a warden into a new process namespace and returns to its own, so that it
can do so again without end. When its standard input ends, its owner is dead: it ends, and because it is
the ground on which all sandboxes stand, so do they.

Commands: {"op": "park", "id", "uid", "cgroups": {controller: folder}, "rehearse": bool}, {"op": "kill", "id"}.
Reports: {"type": "ready", "python", "warnings"}, {"type": "gone", "id", "status"}, {"type": "failed", "id", "message"}.
"""

import gc
import json
import os
import select
import signal
import sys

from warden import filter as seccomp
from warden import kernel, lockdown, mounts, programs
from warden.main import live


class Setting:
    """What is the same for all sandboxes of one nursery; prepared once, inherited by every fork."""

    def __init__(self, hello, program):
        self.program = program
        self.socket_path = hello["socket"]
        self.separate_uids = hello["separateUids"]
        self.ceiling = hello["ceiling"]
        self.cgroup_kind = hello["cgroups"]
        self.watch_stdin = hello["watchStdin"]
        self.proc_names = mounts.present_in_proc()
        filters = seccomp.build(self.cgroup_kind != "none", self.separate_uids)
        self.filters = [kernel.Filter(instructions) for instructions in filters]


# Watches of files: the kernel has one amount for all sandboxes together, that of the user who started them
# (128 instances by default), and these are the shares of each uid.
_INOTIFY_INSTANCES, _INOTIFY_INSTANCES_SHARED_UID = 8, 64
_INOTIFY_WATCHES = 8_192


def _close_the_view(writable, separate_uids):
    """Makes everything the sandboxes inherit read-only, and keeps new user namespaces from being made here."""
    settings = {
        "max_user_namespaces": 0,
        "max_inotify_instances": _INOTIFY_INSTANCES if separate_uids else _INOTIFY_INSTANCES_SHARED_UID,
        "max_inotify_watches": _INOTIFY_WATCHES,
    }
    kernel.mount(None, "/", None, kernel.MS_REC | kernel.MS_PRIVATE)
    kernel.set_read_only("/")
    for path in writable:
        kernel.set_writable(path)
    child = os.fork()
    if child == 0:
        # A second wall behind the filter; /proc/sys is read-only in this mount namespace, so in a fresh one.
        try:
            kernel.unshare(kernel.CLONE_NEWNS)
            kernel.mount("proc", "/mnt", "proc")
            for name, value in settings.items():
                with open(f"/mnt/sys/user/{name}", "w", encoding="ascii") as file:
                    file.write(str(value))
            os._exit(0)
        except OSError as error:
            os.write(2, f"nursery: user namespaces stay open: {error}\n".encode())
            os._exit(1)
    return os.waitpid(child, 0)[1] == 0


# The first sandbox, which somebody may wait for, goes before what only later ones profit from.
_QUIET_MS = 250


def _import_the_rest():
    """What wardens import when they need it, and find imported if they were forked later."""
    import hashlib

    del hashlib
    gc.freeze()


class Nursery:
    def __init__(self, setting):
        self._setting = setting
        self._own = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
        self._null = os.open("/dev/null", os.O_RDWR | os.O_CLOEXEC)
        self._wardens = {}  # pidfd -> (id, pid)
        self._buffer = b""

    def run(self):
        patience = _QUIET_MS
        while True:
            poller = select.poll()
            poller.register(0, select.POLLIN)
            for pidfd in self._wardens:
                poller.register(pidfd, select.POLLIN)
            events = poller.poll(patience)
            if not events:
                patience = None
                _import_the_rest()
            for descriptor, _ in events:
                if descriptor == 0:
                    if not self._read_commands():
                        return
                else:
                    self._reap(descriptor)

    def _read_commands(self):
        data = os.read(0, 65536)
        if not data:
            return False
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        for line in lines:
            command = json.loads(line)
            if command["op"] == "park":
                self._park(command)
            elif command["op"] == "kill":
                self._kill(command["id"])
        return True

    def _park(self, command):
        try:
            kernel.unshare(kernel.CLONE_NEWPID)
            try:
                pid = kernel.fork()
                if pid == 0:
                    self._become_warden(command)
            finally:
                kernel.setns(self._own, kernel.CLONE_NEWPID)
        except OSError as error:
            report({"type": "failed", "id": command["id"], "message": str(error)})
            return
        self._wardens[os.pidfd_open(pid)] = (command["id"], pid)

    def _become_warden(self, command):
        """In the fork: nothing of the nursery but its memory and its standard error goes along."""
        try:
            os.dup2(self._null, 0)
            os.dup2(self._null, 1)
            os.closerange(3, 1 << 20)
            live(self._setting, command)
        finally:
            os._exit(70)

    def _kill(self, identity):
        for pidfd, (known, _) in self._wardens.items():
            if known == identity:
                signal.pidfd_send_signal(pidfd, signal.SIGKILL)

    def _reap(self, pidfd):
        identity, pid = self._wardens.pop(pidfd)
        os.close(pidfd)
        _, status = os.waitpid(pid, 0)
        report({"type": "gone", "id": identity, "status": os.waitstatus_to_exitcode(status)})


def report(message):
    data = json.dumps(message, separators=(",", ":")).encode() + b"\n"
    while data:
        data = data[os.write(1, data):]


def _first_line():
    line = bytearray()
    while not line.endswith(b"\n"):
        part = os.read(0, 1)
        if not part:
            sys.exit(0)
        line += part
    return json.loads(line)


def _have_default_signals():
    """Process 1, and so every warden, is ended by no signal that has no handler (but KILL); programs are, by all."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def main():
    _have_default_signals()
    hello = _first_line()
    warnings = []

    def prepare():
        import python.runner as runner

        warnings.extend(runner.prepare(hello["preload"], hello["program"].get("virtualEnvironment")))
        return runner

    program = programs.make(hello["program"], prepare)  # before the view is closed: libraries write caches to /tmp
    closed = _close_the_view(hello["writable"], hello["separateUids"])
    lockdown.prepare_for_all()
    setting = Setting(hello, program)
    if not closed:
        warnings.append("new user namespaces could not be forbidden by number; the filter forbids them")
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0)  # nothing of this memory is readable through /proc
    gc.collect()
    gc.disable()
    gc.freeze()
    nursery = Nursery(setting)
    report({"type": "ready", "python": sys.version.split()[0], "warnings": warnings})
    nursery.run()
    os._exit(0)  # nothing is buffered, and the owner waits: an interpreter that takes itself apart is slower


if __name__ == "__main__":
    main()
