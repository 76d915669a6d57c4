"""What a program can use without importing it, and as the module `glovebox`.

The names stand in the globals of `__main__`, where a program may overwrite them, and in a
module `glovebox`, for the modules of the program.
"""
import os
import sys
from types import ModuleType

from . import displays, files
from .context import Context
from .frames import call_for_program
from .values import faithful, outline

MAX_NAME = 200
MAX_PROGRESS_MESSAGE = 4000
FUNCTIONS = ("save_result", "load_file", "save_file", "report_progress", "display")


class _Missing:
    def __repr__(self):
        return "<not given>"


_MISSING = _Missing()


class Library:
    """The functions, bound to a channel and a workspace. Mistakes in their use raise
    TypeError or ValueError naming the argument."""

    def __init__(self, channel, workspace):
        self._channel = channel
        self._workspace = os.path.abspath(workspace)

    def save_result(self, name, value=_MISSING):
        """save_result(name, value) keeps a value as a named result of the run;
        save_result(value) keeps it as "result". The last one of a name counts."""
        if value is _MISSING:
            name, value = "result", name
        if not isinstance(name, str):
            raise TypeError(f"save_result: name must be a str, not {type(name).__name__}")
        if not name.strip() or len(name) > MAX_NAME or not name.isprintable():
            raise ValueError(f"save_result: name must have 1 to {MAX_NAME} printable characters, not {name[:80]!r}")
        send_value(self._channel, {"type": "result", "name": str.__str__(name)}, value, f"result {name!r}")

    def load_file(self, name, **options):
        """The content of a file, by its extension: csv, tsv, xlsx, xls, parquet as a pandas
        DataFrame (csv and tsv as a list of dicts without pandas; xls and parquet need xlrd
        and pyarrow besides), json and jsonl as Python values, everything else as text.
        `name` is relative to the workspace; options go to the reader."""
        return files.load(os.path.join(self._workspace, _path("load_file", name)), options)

    def save_file(self, name, content):
        """Write str, bytes, a DataFrame or figure (by extension), or a dict or list (as
        JSON) to a file below the workspace, making folders on the way. Returns its path."""
        path = os.path.normpath(os.path.join(self._workspace, _path("save_file", name)))
        if not path.startswith(self._workspace + os.sep):
            raise ValueError(f"save_file: name must stay below the workspace {self._workspace}, not {name!r}")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        files.save(path, content)
        return path

    def report_progress(self, fraction, message=None):
        """Say how far the program is: 0 to 1, or a percentage above 1 up to 100, or None
        if that is unknown; with a message to show."""
        if fraction is not None:
            fraction = _fraction(fraction)
        if message is not None:
            message = str(message)[:MAX_PROGRESS_MESSAGE]
        self._channel.send({"type": "progress", "fraction": fraction, "message": message})

    def display(self, *objects):
        """Show objects in the richest forms they have: figures, tables, HTML, images, text."""
        for item in objects:
            call_for_program(lambda: displays.send_display(self._channel, item))


def bind(task, channel, namespace):
    """Put the names into a namespace and register the module `glovebox`."""
    library = Library(channel, task["workspace"])
    names = {name: getattr(library, name) for name in FUNCTIONS}
    data = task.get("data")
    names.update(
        parameters=task.get("parameters") or {},
        input_data=data,
        data=data,
        uploaded_files=list(task.get("uploadedFiles") or ()),
        workspace=task["workspace"],
        job_id=task.get("jobId"),
        context=Context(task.get("context") or {}, task.get("jobId")),
    )
    namespace.update(names)
    module = ModuleType("glovebox", __doc__)
    module.__dict__.update(names, __all__=list(names))
    sys.modules["glovebox"] = module


def send_value(channel, message, value, what):
    """Send `message` with the value's JSON under "value"; one too large for a message is
    described, with a warning that names `what`."""
    converted, complete = faithful(value)
    if not complete or not channel.send({**message, "value": converted}):
        channel.send({**message, "value": outline(value)})
        channel.warn(f"{what} is too large for one message; only a description of it was kept")


def _path(function, name):
    try:
        path = os.fspath(name)
    except TypeError:
        path = None
    if not isinstance(path, str):
        raise TypeError(f"{function}: name must be a str or a path, not {type(name).__name__}")
    if not path or "\0" in path:
        raise ValueError(f"{function}: name must be the name of a file, not {path!r}")
    return path


def _fraction(given):
    if isinstance(given, (bool, str, bytes)):
        raise TypeError(f"report_progress: fraction must be a number, not {type(given).__name__}")
    try:
        number = float(given)
    except (TypeError, ValueError, OverflowError):
        raise TypeError(f"report_progress: fraction must be a number, not {type(given).__name__}") from None
    if not 0 <= number <= 100:
        raise ValueError(f"report_progress: fraction must be from 0 to 1, or a percentage up to 100, not {number}")
    return number if number <= 1 else number / 100
