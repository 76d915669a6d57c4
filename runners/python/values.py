"""Values as faithful JSON.

A value that JSON holds exactly becomes that JSON: None, bool, str without lone
surrogates, int up to 2**53-1 in magnitude, finite float, list and tuple (array), dict
whose keys are all str (object). Subclasses of dict, list and tuple are read through
the methods of their base class. Everything else is replaced, where it stands, by a
description:

    {"$type": "module.QualName", "repr": str (at most 2000 characters), ...}

and, where they are known cheaply: "length", "items" (the members of a set, the
[key, value] pairs of a dict), "json" (the nearest JSON rendering), "shape", "dtype",
"columns" (see `tables`). A dict that has a key "$type" is described too, so a
reader can trust the key.

Nothing that a value's own code does reaches the caller: whatever it raises ends in the
description.
"""
import sys
from itertools import islice

from . import tables
from .channel import MAX_MESSAGE_BYTES

MAX_REPR = 2000
# Levels of the JSON, so that descriptions count with what they hold.
MAX_DEPTH = 64
MAX_SAFE_INTEGER = 2**53 - 1
# Room for the frame around the value.
MAX_VALUE_BYTES = MAX_MESSAGE_BYTES - 4096

_SHOWN_AS_STR = {
    "decimal.Decimal", "fractions.Fraction", "uuid.UUID", "datetime.timedelta",
    "pathlib.PosixPath", "pathlib._local.PosixPath", "numpy.datetime64", "numpy.timedelta64",
}


class TooLarge(Exception):
    """The value does not fit into one message."""


def faithful(value, room=MAX_VALUE_BYTES):
    """The JSON of a value, whatever the value does. Returns (json, complete); complete is
    False when the value was too large and stands there as a description only."""
    try:
        return Converter(room).convert(value), True
    except TooLarge:
        return outline(value), False
    except BaseException as error:
        return {"$type": type_name(value), "repr": _failed("conversion", error)}, True


def outline(value):
    """A description without members: type, repr and length."""
    described = {"$type": type_name(value), "repr": safe_repr(value)}
    if type(value) in (str, bytes, bytearray, list, tuple, dict, set, frozenset):
        described["length"] = len(value)
    return described


def type_name(value):
    """module.QualName of the value's real type."""
    cls = type(value)
    try:
        module, name = cls.__module__, cls.__qualname__
        if type(module) is str and type(name) is str:
            return f"{module}.{name}"[:500]
    except BaseException:
        pass
    return "object"


def safe_repr(value, limit=MAX_REPR):
    """repr(value), cut to `limit` characters; a failing one becomes "<repr failed: ...>"."""
    try:
        text = _bounded_repr(value, limit)
        if type(text) is not str:
            text = str.__str__(text)
    except BaseException as error:
        text = _failed("repr", error)
    return text if len(text) <= limit else text[: limit - 3] + "..."


def _bounded_repr(value, limit):
    # A long builtin container is not written out only to be cut.
    cls = type(value)
    if cls is int and value.bit_length() > 4 * limit:
        return hex(value >> (value.bit_length() - 4 * limit)) + "..."
    if cls in (str, bytes, bytearray) and len(value) > limit:
        return repr(value[:limit])
    if cls in (list, tuple, set, frozenset) and len(value) > limit:
        return repr(list(islice(value, limit)))
    if cls is dict and len(value) > limit:
        return repr(dict(islice(value.items(), limit)))
    return repr(value)


def _failed(what, error):
    try:
        return f"<{what} failed: {type(error).__name__}: {str(error)[:200]}>"
    except BaseException:
        return f"<{what} failed>"


class Converter:
    """Converts one value; `room` bounds the size of its JSON from below, so that a value
    far too large is given up early. Raises TooLarge."""

    def __init__(self, room=MAX_VALUE_BYTES):
        self._room = room
        self._path = set()

    def spend(self, size):
        self._room -= size
        if self._room < 0:
            raise TooLarge

    def convert(self, value, depth=0):
        cls = type(value)
        if value is None or cls is bool:
            self.spend(4)
            return value
        if cls is str:
            self.spend(len(value) + 3)
            return value if _is_unicode(value) else self.describe(value, length=len(value))
        if cls is int:
            self.spend(2)
            return value if -MAX_SAFE_INTEGER <= value <= MAX_SAFE_INTEGER else self.describe(value)
        if cls is float:
            self.spend(4)
            return value if value - value == 0 else self.describe(value)
        if issubclass(cls, (list, tuple, dict, set, frozenset)):
            return self._container(value, cls, depth)
        return self._other(value, cls, depth)

    def describe(self, value, **extra):
        text = safe_repr(value)
        self.spend(len(text) + 40)
        return {"$type": type_name(value), "repr": text, **extra}

    def _container(self, value, cls, depth):
        self.spend(2)
        if depth >= MAX_DEPTH or id(value) in self._path:
            return self.describe(value)
        self._path.add(id(value))
        try:
            if issubclass(cls, dict):
                return self._dict(value, depth + 1)
            if issubclass(cls, (set, frozenset)):
                iterate = set.__iter__ if issubclass(cls, set) else frozenset.__iter__
                items = [self.convert(item, depth + 2) for item in iterate(value)]
                return self.describe(value, length=len(items), items=items)
            iterate = list.__iter__ if issubclass(cls, list) else tuple.__iter__
            return [self.convert(item, depth + 1) for item in iterate(value)]
        except TooLarge:
            raise
        except Exception:  # such as a dict that changes while its members are described
            return self.describe(value)
        finally:
            self._path.discard(id(value))

    def _dict(self, value, depth):
        convert = self.convert
        items = dict.items(value)
        for key, _ in items:
            if type(key) is not str or key == "$type" or not _is_unicode(key):
                pairs = [[convert(key, depth + 2), convert(item, depth + 2)] for key, item in items]
                return self.describe(value, length=len(pairs), items=pairs)
            self.spend(len(key) + 4)
        return {key: convert(item, depth) for key, item in items}

    def _other(self, value, cls, depth):
        scalar = tables.python_scalar(value, cls)
        if scalar is not None:
            return self.convert(scalar, depth)
        if issubclass(cls, (bytes, bytearray)):
            return self.describe(value, length=len(value))
        for base in (str, int, float):
            if issubclass(cls, base):
                plain = {str: str.__str__, int: int.__int__, float: float.__float__}[base](value)
                return self.describe(value, json=self.convert(plain))
        described = self.describe(value)
        extra = self._rendering(value, cls, described["$type"]) or tables.table_fields(value, self, depth)
        return {**described, **extra} if extra else described

    def _rendering(self, value, cls, name):
        try:
            if name in _SHOWN_AS_STR:
                return {"json": self.convert(str(value))}
            clock = sys.modules.get("datetime")
            if clock and issubclass(cls, (clock.date, clock.time)):
                return {"json": self.convert(value.isoformat())}
        except TooLarge:
            raise
        except Exception:
            pass
        return None


def _is_unicode(text):
    if text.isascii():
        return True
    try:
        text.encode()
        return True
    except UnicodeEncodeError:
        return False
