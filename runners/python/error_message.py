"""The fields of an error message, from an exception whose frames are clean."""
import linecache
import os

from .values import safe_repr

MAX_TRACEBACK = 1024 * 1024
MAX_MESSAGE = 64 * 1024
MAX_NAME = 500
# Frames reported from each end of a long traceback.
MAX_FRAMES_EACH_END = 50


def describe(error, text, main_file, workspace):
    """{type, message, traceback, frames, line}; `text` is the traceback as printed."""
    frames = _frames(error)
    return {
        "type": _type_name(error),
        "message": _message(error)[:MAX_MESSAGE],
        "traceback": text if len(text) <= MAX_TRACEBACK else text[:MAX_TRACEBACK] + "\n...\n",
        "frames": frames,
        "line": _line(error, frames, main_file, workspace),
    }


def _type_name(error):
    cls = type(error)
    try:
        module, name = str(cls.__module__), str(cls.__qualname__)
        return (name if module in ("builtins", "__main__") else f"{module}.{name}")[:MAX_NAME]
    except Exception:
        return "Exception"


def _message(error):
    try:
        if isinstance(error, SyntaxError) and type(error.msg) is str:
            return error.msg
        return str.__str__(str(error))
    except BaseException as failure:
        return f"<str failed: {safe_repr(failure, 200)}>"


def _frames(error):
    found, current = [], error.__traceback__
    while current is not None:
        code = current.tb_frame.f_code
        found.append((code.co_filename[:MAX_NAME], current.tb_lineno or 0, code.co_name[:MAX_NAME]))
        current = current.tb_next
    if len(found) > 2 * MAX_FRAMES_EACH_END:
        found = found[:MAX_FRAMES_EACH_END] + found[-MAX_FRAMES_EACH_END:]
    return [
        {"file": file, "line": line, "function": name, "source": linecache.getline(file, line).strip()[:1000] or None}
        for file, line, name in found
    ]


def _line(error, frames, main_file, workspace):
    """The line of the main file where it went wrong, else of the innermost file of the workspace."""
    if isinstance(error, SyntaxError) and error.filename == main_file and type(error.lineno) is int:
        return error.lineno
    for frame in reversed(frames):
        if frame["file"] == main_file:
            return frame["line"]
    for frame in reversed(frames):
        if frame["file"].startswith(workspace + os.sep):
            return frame["line"]
    return None
