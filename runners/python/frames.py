"""Keeps the runner's own frames (any code below the runners folder) out of what a program sees.

They are unlinked from tracebacks. In the search for the line that a warning is about CPython passes over them, because
of the path of the runners folder (see `inside.runners` in outer-wall.ts); where no line of the program calls us, or
matplotlib stands between, `call_at` puts one on the stack.
"""
import builtins
import os
import sys

RUNNERS_FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_GROUP = getattr(builtins, "BaseExceptionGroup", ())
_STAND_IN = "<shown here>"  # no program can give this name to a function
_PLOTTING = ("matplotlib", "mpl_toolkits")


def is_ours(frame):
    code = frame.f_code
    return code.co_filename.startswith(RUNNERS_FOLDER) or code.co_name == _STAND_IN


def call_at(filename, line, namespace, action):
    """Call `action` from a frame that looks like this line of a file, in this namespace of a module."""
    code = compile("action()", filename, "eval").replace(co_firstlineno=line, co_name=_STAND_IN)
    return eval(code, namespace, {"action": action})


def call_for_program(action):
    """Call `action`, which may warn, for the program's line on whose behalf matplotlib called us."""
    frame = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(RUNNERS_FOLDER):
        frame = frame.f_back
    caller = frame
    while frame is not None and _is_plotting(frame):
        frame = frame.f_back
    if frame is None or frame is caller:
        return action()
    return call_at(frame.f_code.co_filename, frame.f_lineno, frame.f_globals, action)


def _is_plotting(frame):
    name = frame.f_globals.get("__name__")
    return type(name) is str and name.partition(".")[0] in _PLOTTING


def clean(error):
    """Unlink the runner's frames from an exception and from all it is chained to."""
    todo, seen = [error], set()
    while todo:
        current = todo.pop()
        if not isinstance(current, BaseException) or id(current) in seen:
            continue
        seen.add(id(current))
        try:
            current.__traceback__ = _without_ours(current.__traceback__)
            todo += (current.__cause__, current.__context__)
            if isinstance(current, _GROUP):
                todo += current.exceptions
        except Exception:  # an exception class may override any of these
            pass


def _without_ours(traceback):
    while traceback is not None and is_ours(traceback.tb_frame):
        traceback = traceback.tb_next
    current = traceback
    while current is not None:
        following = current.tb_next
        while following is not None and is_ours(following.tb_frame):
            following = following.tb_next
        if following is not current.tb_next:
            current.tb_next = following
        current = following
    return traceback
