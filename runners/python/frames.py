"""Unlinks the runner's own frames (any code below the runners folder) from tracebacks."""
import builtins
import os

RUNNERS_FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_GROUP = getattr(builtins, "BaseExceptionGroup", ())


def is_ours(frame):
    return frame.f_code.co_filename.startswith(RUNNERS_FOLDER)


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
