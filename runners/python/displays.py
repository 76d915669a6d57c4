"""Display messages: one object as a bundle of {mime type: representation}.

text/plain is always there. Figures of matplotlib become image/png (base64);
pandas DataFrames and Series text/html and application/json (a list of objects, first
1000 rows); any other object offers what its type's `_repr_*_` methods return.
"""
import base64
import io

from . import tables
from .channel import MAX_MESSAGE_BYTES
from .values import Converter, TooLarge, safe_repr

MAX_PLAIN = 20_000
MAX_MIME = 200

# method, mime type, the types it may return
_METHODS = (
    ("_repr_html_", "text/html", str),
    ("_repr_markdown_", "text/markdown", str),
    ("_repr_svg_", "image/svg+xml", str),
    ("_repr_latex_", "text/latex", str),
    ("_repr_png_", "image/png", (bytes, str)),
    ("_repr_jpeg_", "image/jpeg", (bytes, str)),
    ("_repr_json_", "application/json", (dict, list)),
)
_ATTRIBUTES = {name for name, _, _ in _METHODS} | {"_repr_mimebundle_"}


def is_rich(value):
    """Whether a value has more to show than its repr. Runs no code of the value."""
    if tables.is_instance(value, "matplotlib.figure", "Figure") or tables.is_instance(value, "pandas", "Series"):
        return True
    return any(not _ATTRIBUTES.isdisjoint(vars(cls)) for cls in _mro(value))


def send_display(channel, value):
    """Send one display message. A representation that does not fit is left out with a warning."""
    bundle = bundle_of(value, channel.warn)
    while not channel.send({"type": "display", "data": bundle}):
        largest = max(bundle, key=lambda mime: len(repr(bundle[mime])))
        del bundle[largest]
        channel.warn(f"display: the {largest} representation is larger than {MAX_MESSAGE_BYTES} bytes and was left out")


def bundle_of(value, warn):
    """{mime: representation}; a representation that fails is left out with a warning."""
    bundle = {"text/plain": value if type(value) is str else safe_repr(value, MAX_PLAIN)}
    if tables.is_instance(value, "matplotlib.figure", "Figure"):
        _add(bundle, warn, "image/png", lambda: figure_png(value))
    elif tables.is_instance(value, "pandas", "DataFrame"):
        _add_frame(bundle, warn, value)
    elif tables.is_instance(value, "pandas", "Series"):
        _add_frame(bundle, warn, value.to_frame())
    else:
        _add_methods(bundle, warn, value)
    return bundle


def figure_png(figure):
    """The figure as base64 PNG, cropped to its content as in notebooks. The figure is
    remembered as shown until it changes (see `matplotlib_backend`)."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", bbox_inches="tight")
    figure._glovebox_shown = True
    figure.stale = False
    return base64.b64encode(buffer.getvalue()).decode("ascii")


def _add_frame(bundle, warn, frame):
    _add(bundle, warn, "text/html", frame._repr_html_)
    _add(bundle, warn, "application/json", lambda: tables.frame_records(frame, Converter()))


def _add_methods(bundle, warn, value):
    for name, mime, kinds in _METHODS:
        if _has(value, name):
            _add(bundle, warn, mime, lambda: _representation(getattr(value, name)(), kinds))
    if _has(value, "_repr_mimebundle_"):
        _add(bundle, warn, None, lambda: _mimebundle(value))


def _add(bundle, warn, mime, make):
    try:
        made = make()
        if mime is None:
            bundle.update(made)
        elif made is not None:
            bundle[mime] = made
    except TooLarge:
        warn(f"display: the {mime} representation is too large and was left out")
    except Exception as error:
        warn(f"display: the {mime or '_repr_mimebundle_'} representation failed: {safe_repr(error, 300)}")


def _representation(made, kinds):
    if isinstance(made, tuple) and len(made) == 2:  # (data, metadata)
        made = made[0]
    if made is None:
        return None
    if not isinstance(made, kinds):
        raise TypeError(f"it is a {type(made).__name__}")
    if isinstance(made, bytes):
        return base64.b64encode(made).decode("ascii")
    return str.__str__(made) if isinstance(made, str) else Converter().convert(made)


def _mimebundle(value):
    made = value._repr_mimebundle_(include=None, exclude=None)
    if isinstance(made, tuple):
        made = made[0]
    if not isinstance(made, dict):
        raise TypeError(f"it is a {type(made).__name__}")
    return {
        str(mime)[:MAX_MIME]: _representation(data, (str, bytes, dict, list)) for mime, data in made.items() if data is not None
    }


def _has(value, name):
    return any(vars(cls).get(name) is not None for cls in _mro(value))


def _mro(value):
    return type.__dict__["__mro__"].__get__(type(value))
