"""The end of the interpreter, as CPython does it, without tearing down the libraries.

Py_FinalizeEx would destroy every module the nursery imported: milliseconds of work, and
page copies of memory shared with the nursery. What a program can see of it is done here in
CPython's order: join threads, run atexit, flush, drop `__main__` and the program's own
modules (so that `__del__` runs and files close), flush again, leave.
"""
import atexit
import gc
import io
import os
import signal
import sys
import threading

from . import errors

# The status CPython takes when the last flush of stdout fails.
FLUSH_FAILED = 120
_WRITERS = (io.TextIOWrapper, io.BufferedWriter, io.BufferedRandom)

_exit, _collect, _run_atexit = os._exit, gc.collect, atexit._run_exitfuncs


def join_threads(sources):
    """Wait for the non-daemon threads; an interrupt meanwhile is printed and ends the wait."""
    try:
        threading._shutdown()
    except BaseException as error:
        failure = error
    else:
        return
    errors.print_ignored(failure, "in: <module 'threading'>", sources)


def run_atexit(sources):
    try:
        _run_atexit()
    except BaseException as error:
        failure = error
    else:
        return
    errors.print_ignored(failure, "in atexit callback", sources)


def drop_program(workspace, candidates):
    """Let go of the program's modules, so that what only they hold is finalized. `candidates`
    are the names of modules to look at. The caller must hold no reference to `__main__`."""
    _flush_files()
    sys.modules.pop("__main__", None)
    inside = workspace + os.sep
    for name in candidates:
        file = getattr(sys.modules.get(name), "__file__", None)
        if type(file) is str and file.startswith(inside):
            del sys.modules[name]
    _collect()


def _flush_files():
    # Before the collection, which may finalize the layers of a file in the wrong order, and
    # for files that are never finalized because a library holds them. The objects of the
    # nursery are frozen: the collector does not list them.
    for item in gc.get_objects():
        if type(item) in _WRITERS and not item.closed:
            try:
                item.flush()
            except BaseException:
                pass


def flush_streams(status):
    """Flush stdout and stderr. Returns the exit status: FLUSH_FAILED if stdout could not be."""
    failure = _flush(sys.stdout)
    if failure is not None:
        errors.write_stderr(f"Exception ignored in: {sys.stdout!r}\n{type(failure).__name__}: {failure}\n")
        status = FLUSH_FAILED
    _flush(sys.stderr)
    flush_c_streams()
    return status


def _flush(stream):
    try:
        if stream is not None and not stream.closed:
            stream.flush()
    except BaseException as error:
        return error
    return None


def flush_c_streams():
    """stdio of C code; such code can only have come in with ctypes or an extension, and
    numpy brings ctypes."""
    ctypes = sys.modules.get("ctypes")
    if ctypes is not None:
        try:
            ctypes.pythonapi.fflush(None)
        except BaseException:
            pass


def leave(status, channel):
    """End the process; "SIGINT" dies of the signal, so that a waiting shell sees it."""
    if status == "SIGINT":
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
        status = 128 + signal.SIGINT
    channel.end(status)
    _exit(status)
