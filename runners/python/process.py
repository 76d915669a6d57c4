"""Makes a forked process look like an interpreter that was started for the program.

Everything here undoes something that a fork shares: descriptors wrapped by the
parent's objects, its environment, its signal handlers, its random state, its modules.
"""
import gc
import io
import os
import random
import signal
import sys
import tempfile
import threading
import time
from itertools import takewhile

from .frames import RUNNERS_FOLDER
from .matplotlib_hook import claim_backend

OWN_PACKAGES = ("python", "warden", "nursery")
# Hold what the program must not reach by name but what must stay alive.
_kept = []
_own_folders = []


def leave_nursery():
    """What does not depend on the task: signals, randomness, the collector."""
    # The warden's fork leaves out what the interpreter does after one; this is what a program could see of it.
    threading.main_thread()._set_native_id()
    _signals()
    _randomness()
    gc.enable()


def become_program(task):
    """Everything else but sys.argv, sys.path[0] and `__main__`, which need the program."""
    os.chdir(task["workspace"])
    _environment(task.get("env") or {})
    _standard_streams()


def set_arguments(first, arguments, folder):
    sys.argv = [first, *arguments]
    sys.orig_argv = [sys.executable, first, *arguments]
    extra = os.environ.get("PYTHONPATH", "")
    kept = [entry for entry in sys.path if entry and not (entry + os.sep).startswith(RUNNERS_FOLDER)]
    sys.path[:] = [folder, *(entry for entry in extra.split(os.pathsep) if entry), *kept]


def survey():
    """Called in the nursery when all is imported. Returns (own, last): the names of the
    runner's own modules and of the last module imported."""
    _own_folders.extend(entry for entry in sys.path_importer_cache if (entry + os.sep).startswith(RUNNERS_FOLDER))
    own = [
        name
        for name, module in list(sys.modules.items())
        if name.partition(".")[0] in OWN_PACKAGES or is_own_module(module)
    ]
    return own, next(reversed(sys.modules))


def modules_since(last):
    """The names in sys.modules that were added after `last`, newest first. Looking only at
    these matters: after a fork each module that is touched costs a copied page."""
    return list(takewhile(lambda name: name != last, reversed(sys.modules)))


def hide_own_modules(known, last):
    """Take the runner and its kin out of sys.modules: the names in `known`, and what is ours
    of the modules imported after `last`."""
    modules = sys.modules
    recent = [
        name
        for name in modules_since(last)
        if name.partition(".")[0] in OWN_PACKAGES or is_own_module(modules[name])
    ]
    _kept.extend(modules.pop(name, None) for name in ("__main__", *known, *recent))
    for entry in _own_folders:
        sys.path_importer_cache.pop(entry, None)


def is_own_module(module):
    file = getattr(module, "__file__", None)
    return type(file) is str and file.startswith(RUNNERS_FOLDER)


def _environment(wanted):
    environ = os.environ
    timezone = environ.get("TZ")
    for name in list(environ):
        if name not in wanted:
            del environ[name]
    for name, value in claim_backend(wanted).items():
        if environ.get(name) != value:
            environ[name] = value
    if environ.get("TZ") != timezone:
        time.tzset()


def open_streams():
    """stdin, stdout, stderr on descriptors 0, 1, 2 as CPython opens them in UTF-8 mode, but
    stdout line buffered even in a pipe, so that a reader sees lines as they are printed."""
    stdin = io.TextIOWrapper(_raw(0, "rb", "<stdin>"), "utf-8", "surrogateescape")
    stdout = io.TextIOWrapper(_raw(1, "wb", "<stdout>"), "utf-8", "surrogateescape", line_buffering=True)
    stderr = io.TextIOWrapper(_raw(2, "wb", "<stderr>"), "utf-8", "backslashreplace", line_buffering=True)
    stdin.mode, stdout.mode, stderr.mode = "r", "w", "w"
    return stdin, stdout, stderr


def _standard_streams():
    _kept.extend((sys.stdin, sys.stdout, sys.stderr, sys.__stdin__, sys.__stdout__, sys.__stderr__))
    sys.stdin, sys.stdout, sys.stderr = sys.__stdin__, sys.__stdout__, sys.__stderr__ = open_streams()


def _raw(descriptor, mode, name):
    raw = io.FileIO(descriptor, mode, closefd=False)
    raw.name = name
    return io.BufferedReader(raw) if mode == "rb" else io.BufferedWriter(raw)


def _signals():
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD, signal.SIGALRM, signal.SIGUSR1, signal.SIGUSR2):
        if signal.getsignal(number) is not signal.SIG_DFL:
            signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _randomness():
    random.seed()
    tempfile._name_sequence = tempfile.tempdir = None
    numpy_random = sys.modules.get("numpy.random")
    if numpy_random is not None:
        numpy_random.seed()
    processes = sys.modules.get("multiprocessing.process")
    if processes is not None:
        processes.current_process().authkey = os.urandom(32)
