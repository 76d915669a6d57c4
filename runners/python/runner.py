"""The Python runner: `prepare` once in the nursery, then `park` and `run` in each forked child.

`park` is optional. It does early, while the sandbox waits for its task, what does not depend
on the task, and rehearses the rest: after a fork nearly all time goes into copying
the pages that are touched for the first time. A trivial run takes 1.9 ms, 3.7 ms with
the whole data stack preloaded; 0.6 and 1.3 ms if it was parked.

The life of a run
  1. The process becomes the program's: environment, streams, signals, randomness, path
     (`process`). Whatever fails up to here raises: it is not the program's doing.
  2. `__main__` is made, gets the library's names (`library`), and is executed (`program`).
  3. The value is sent, or the uncaught exception is printed and sent (`errors`).
  4. Threads are joined, variables and open figures sent, atexit run, files flushed (`finish`).
A child that the program forks and that comes back from the program's code takes steps
3 and 4 as well, as CPython does, but sends nothing by itself.

Task: {code, entry, args, env, parameters, data, uploadedFiles, returnVariables, jobId, context,
workspace}; `code` goes before `entry`, a file relative to the workspace.

Messages on the channel (framing: `channel`; V: `values`)
  {"type": "value", "value": V}                    the last expression, unless None
  {"type": "display", "data": {mime: str | JSON}}  binary types in base64
  {"type": "result", "name": str, "value": V}
  {"type": "variables", "variables": {name: V}}
  {"type": "progress", "fraction": 0..1 | null, "message": str | null}
  {"type": "error", "error": {"type", "message", "traceback", "frames", "line"}}
  {"type": "warning", "message": str}
and last the exit status (`Channel.end`).
"""
import os
import sys

from . import errors, finish, library, matplotlib_hook, process, virtual_environment
from .channel import Channel
from .displays import is_rich, send_display
from .error_message import describe
from .frames import call_at, clean
from .preload import preload as _preload
from .program import Program, run_code
from .rehearsal import rehearse
from .sources import Sources
from .values import MAX_VALUE_BYTES, faithful, outline

# Set by `prepare`: the names of the runner's own modules, and the last module imported.
_own_modules = []
_last_module = None
_parked = False


def prepare(preload, environment=None):
    """Import what runs need, and the modules named. Returns warnings; never raises for a
    module. No thread exists afterwards (or a warning says so). environment: the folder of a virtual environment."""
    if environment is not None:
        virtual_environment.enter(environment)
    warnings = _preload(preload)
    global _own_modules, _last_module
    _own_modules, _last_module = process.survey()
    return warnings


def park():
    """Called in the forked child, with its descriptors 0 to 2 open, at most once before `run`."""
    global _parked
    process.leave_nursery()
    rehearse()
    _parked = True


def run(task, channel):
    """Run one program and end the process as CPython would. Never returns; raises only
    before the program's first instruction."""
    if not _parked:
        process.leave_nursery()
    channel = Channel(channel)
    process.become_program(task)
    finish.leave(_Run(task, channel).to_the_end(), channel)


class _Run:
    def __init__(self, task, channel):
        self._task = task
        self._channel = channel
        self._workspace = os.path.abspath(task["workspace"])
        self._sources = Sources()
        self._filename = None
        self._program = None
        self._namespace = {}
        self._last_module = None
        self._limit = sys.getrecursionlimit()

    def to_the_end(self):
        """The exit status, or "SIGINT"."""
        try:
            program = Program(self._task)
        except OSError as error:
            return self._cannot_open(error)
        self._program, self._filename = program, program.filename
        process.set_arguments(program.filename, self._task.get("args") or (), program.folder)
        process.hide_own_modules(_own_modules, _last_module)
        self._last_module = next(reversed(sys.modules))
        program.add_to(self._sources)
        self._sources.install_hooks()
        try:
            return self._finish(self._guarded(lambda: self._execute(program)))
        except BaseException as error:
            # A trace function or a signal handler of the program that raises in our code.
            errors.write_stderr(f"the end of the program was disturbed by {type(error).__name__}\n")
            return 1

    def _finish(self, status):
        finish.join_threads(self._sources)
        self._restore_limit()
        if self._channel.owned():
            self._guarded(self._send_variables)
            self._guarded(lambda: self._at_last_line(matplotlib_hook.emit_open_figures))
        finish.run_atexit(self._sources)
        self._restore_limit()
        status = finish.flush_streams(status)
        self._namespace = None
        finish.drop_program(self._workspace, process.modules_since(self._last_module))
        return finish.flush_streams(status)

    def _execute(self, program):
        self._namespace = program.main_module().__dict__
        library.bind(self._task, self._channel, self._namespace)
        value = run_code(program.compile(), self._namespace)
        if value is not None and self._channel.owned():
            self._restore_limit()
            library.send_value(self._channel, {"type": "value"}, value, "the value of the last expression")
            if is_rich(value):
                self._at_last_line(lambda: send_display(self._channel, value))

    def _at_last_line(self, action):
        """What shows objects when no line of the program runs any more may warn all the same."""
        call_at(self._filename, self._program.last_line, self._namespace, action)

    def _guarded(self, action):
        """Run a part of the program's life; the exit status it asks for, 0 if for none."""
        try:
            action()
            return 0
        except BaseException as error:
            failure = error
        # Outside the handler, so that nothing the program does has our exception as context.
        return self._failed(failure)

    def _failed(self, failure):
        self._restore_limit()
        clean(failure)
        if isinstance(failure, SystemExit):
            return self._exit_status(failure)
        text, stop = errors.report(failure, self._sources)
        if self._channel.owned():
            described = describe(failure, text, self._filename, self._workspace)
            self._channel.send({"type": "error", "error": described})
        if stop is not None:
            return self._exit_status(stop)
        return "SIGINT" if isinstance(failure, KeyboardInterrupt) else 1

    def _exit_status(self, failure):
        code = getattr(failure, "code", None)
        if code is None:
            return 0
        if isinstance(code, int):
            return code & 0xFF if -(2**63) <= code < 2**63 else 0xFF
        try:
            text = str(code)
        except BaseException:
            text = ""
        errors.write_stderr(text + "\n")
        return 1

    def _cannot_open(self, error):
        entry = self._task.get("entry")
        text = f"{sys.executable}: can't open file {error.filename!r}: [Errno {error.errno}] {error.strerror}\n"
        errors.write_stderr(text)
        described = describe(error, text, entry, self._workspace)
        described.update(frames=[], line=None)
        self._channel.send({"type": "error", "error": described})
        return 2

    def _send_variables(self):
        names = self._task.get("returnVariables")
        if not names:
            return
        namespace = self._namespace
        found, room = {}, MAX_VALUE_BYTES
        for name in names:
            if name not in namespace:
                self._channel.warn(f"returnVariables: the program has no global variable {name!r}")
                continue
            found[name], complete = faithful(namespace[name], room)
            if not complete:
                self._channel.warn(f"returnVariables: {name!r} is too large; only a description of it was kept")
        if not self._channel.send({"type": "variables", "variables": found}):
            self._channel.warn("returnVariables: together too large for one message; only descriptions were kept")
            outlines = {name: outline(namespace[name]) for name in found}
            self._channel.send({"type": "variables", "variables": outlines})

    def _restore_limit(self):
        # A program may have left too little for what the runner still has to do.
        if sys.getrecursionlimit() < self._limit:
            sys.setrecursionlimit(self._limit)
