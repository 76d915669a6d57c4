"""Touches, while nobody waits, the memory that a run will touch.

After a fork the first write to a page copies it and the first use of a piece of code maps
it. A parked sandbox has time for that: it performs a tiny program on a pipe of its own,
with every step of a real run that can be undone, and one that fails.
"""
import gc
import os
import sys

from . import errors, finish, library, process
from .channel import Channel
from .error_message import describe
from .frames import clean
from .program import Program, run_code
from .sources import Sources

_TASK = {
    "workspace": os.curdir,
    "code": "import sys\nnumbers = [number * 2 for number in range(3)]\nprint(numbers, end='', file=sys.stdin)\n",
    "parameters": {"a": 1},
}
_VALUE_TASK = {**_TASK, "code": "def f(x):\n    return {'a': [x, 1.5, 'b', None]}\nf(1)\n"}


def rehearse():
    reader, writer = os.pipe()
    saved = sys.argv, sys.path[:], getattr(sys, "orig_argv", None), sys.modules.get("__main__")
    sources = Sources()
    try:
        channel = Channel(writer)
        process.open_streams()
        os.environ["GLOVEBOX"] = "1"
        del os.environ["GLOVEBOX"]
        _perform(_VALUE_TASK, channel, sources)
        try:
            _perform(_TASK, channel, sources)
        except Exception as error:
            clean(error)
            text = errors.render(error, sources)
            channel.send({"type": "error", "error": describe(error, text, "main.py", os.getcwd())})
        _touch_libraries()
        finish.flush_c_streams()
        gc.collect()
    finally:
        sys.argv, sys.path[:], sys.orig_argv, sys.modules["__main__"] = saved
        sys.modules.pop("glovebox", None)
        sources.forget()
        os.close(reader)
        os.close(writer)


def _perform(task, channel, sources):
    program = Program(task)
    process.set_arguments(program.filename, (), program.folder)
    program.add_to(sources)
    namespace = program.main_module().__dict__
    library.bind(task, channel, namespace)
    value = run_code(program.compile(), namespace)
    library.send_value(channel, {"type": "value"}, value, "value")


def _touch_libraries():
    """The first steps of most programs on data, where the libraries are preloaded."""
    pandas = sys.modules.get("pandas")
    if pandas is not None:
        frame = pandas.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "z"]})
        frame["a"].sum(), frame[frame["a"] > 1], len(frame)
