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
    """{type, message, traceback, frames, line}; `text` is the traceback as printed. Frames are those of the program's
    own files, and of the line that a syntax error names; `line` is that of the innermost."""
    frames = _frames(error, _OwnFiles(main_file, workspace))
    return {
        "type": _type_name(error),
        "message": _message(error)[:MAX_MESSAGE],
        "traceback": text if len(text) <= MAX_TRACEBACK else text[:MAX_TRACEBACK] + "\n...\n",
        "frames": frames,
        "line": frames[-1]["line"] if frames else None,
    }


class _OwnFiles:
    """The files of the program by the names that code objects have. `main_file` need not exist."""

    def __init__(self, main_file, workspace):
        self._main_file, self._workspace = main_file, workspace
        self._found = {}

    def path(self, name):
        """The path below the workspace, None for other files and for code without a file."""
        if name not in self._found:
            self._found[name] = self._below_workspace(name)
        return self._found[name]

    def _below_workspace(self, name):
        path = self._absolute(name)
        if not path.startswith(self._workspace + os.sep):
            return None
        # Extension modules give names of sources that are not here, `exec` any text.
        if os.path.isabs(name) or name == self._main_file or os.path.isfile(path):
            return path[len(self._workspace) + 1 :]
        return None

    def line(self, name, number):
        """The text of a line, stripped, None where there is none."""
        name = name if name == self._main_file else self._absolute(name)
        return linecache.getline(name, number).strip()[:1000] or None

    def _absolute(self, name):
        return os.path.normpath(os.path.join(self._workspace, name))


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


def _frames(error, own):
    found, current = [], error.__traceback__
    while current is not None:
        code = current.tb_frame.f_code
        if own.path(code.co_filename) is not None:
            found.append((code.co_filename, current.tb_lineno or 0, code.co_name, None))
        current = current.tb_next
    found += _broken_line(error, own)
    if len(found) > 2 * MAX_FRAMES_EACH_END:
        found = found[:MAX_FRAMES_EACH_END] + found[-MAX_FRAMES_EACH_END:]
    return [
        {
            "file": own.path(file)[:MAX_NAME],
            "line": line,
            "function": name[:MAX_NAME],
            "source": own.line(file, line) or text,
        }
        for file, line, name, text in found
    ]


def _broken_line(error, own):
    """The place of a syntax error, which no code has: [(file, line, function, text)], or nothing."""
    if not isinstance(error, SyntaxError):
        return []
    try:
        file, line, text = error.filename, error.lineno, error.text
        if type(file) is not str or type(line) is not int or line < 1 or own.path(file) is None:
            return []
        return [(file, line, "<module>", text.strip()[:1000] or None if type(text) is str else None)]
    except Exception:  # an exception class may override any of these
        return []
