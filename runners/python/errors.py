"""Uncaught exceptions, shown as CPython shows them, without the runner's own frames.

The text comes from CPython's own printer (`sys.__excepthook__`), which knows the suggestions,
carets, notes, groups and chains of its version. An exception is never handled inside
the `except` block that caught it, or it would become the context of what a hook of the
program raises.
"""
import io
import linecache
import os
import sys
import threading

from .frames import clean

_print_exception = sys.__excepthook__


class _Capture(io.StringIO):
    """Takes what this thread writes to sys.stderr; other threads still reach the real one."""

    def __init__(self, real):
        super().__init__()
        self._real, self._thread = real, threading.get_ident()

    def write(self, text):
        if threading.get_ident() == self._thread:
            return super().write(text)
        return self._real.write(text) if self._real is not None else 0


def render(error, sources):
    """The text CPython prints for an uncaught exception that was cleaned."""
    if type(error) is SyntaxError and error.text is None and error.filename in sources:
        # Errors found after parsing carry the line only where the file can be read.
        error.text = linecache.getline(error.filename, error.lineno or 0) or None
    real = sys.stderr
    sys.stderr = capture = _Capture(real)
    try:
        with sources.visible():
            _print_exception(type(error), error, error.__traceback__)
        return capture.getvalue()
    except BaseException as failure:
        return capture.getvalue() + f"{type(error).__name__}: <printing failed: {type(failure).__name__}>\n"
    finally:
        sys.stderr = real


def print_ignored(error, where, sources):
    """What CPython prints for an exception it cannot deliver."""
    clean(error)
    write_stderr(f"Exception ignored {where}\n" + render(error, sources))


def report(error, sources):
    """Show an uncaught exception as CPython does: through sys.excepthook. Returns
    (text, stop): the default text, and an exception that ends the program instead
    (SystemExit raised by the program's own hook) or None."""
    text = render(error, sources)
    hook = getattr(sys, "excepthook", None)
    if hook is _print_exception:
        write_stderr(text)
        return text, None
    failure = _call_hook(hook, error, sources)
    if isinstance(failure, SystemExit):
        return text, failure
    if failure is not None:
        clean(failure)
        write_stderr("Error in sys.excepthook:\n" + render(failure, sources) + "\nOriginal exception was:\n" + text)
    return text, None


def _call_hook(hook, error, sources):
    if hook is None:
        write_stderr("sys.excepthook is missing\n")
        return None
    try:
        with sources.visible():
            hook(type(error), error, error.__traceback__)
    except BaseException as failure:
        return failure
    return None


def write_stderr(text):
    """Write to the program's sys.stderr, or to descriptor 2 where that fails."""
    try:
        if sys.stderr is not None:
            sys.stderr.write(text)
            sys.stderr.flush()
        return
    except BaseException:
        pass
    try:
        os.write(2, text.encode("utf-8", "backslashreplace"))
    except OSError:
        pass
