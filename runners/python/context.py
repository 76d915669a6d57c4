"""The `context` of a program: what it may know of the execution it is part of."""
import re
from collections.abc import Mapping

_DEFAULTS = {
    "execution_id": None,
    "session": None,
    "cycle": None,
    "metadata": {},
    "capabilities": [],
    "job_id": None,
}


class Context(Mapping):
    """A read-only mapping whose keys are attributes too: `context.job_id`. Always present:
    execution_id, session, cycle, metadata, capabilities, job_id. Keys arrive in camelCase
    and are offered in snake_case."""

    __slots__ = ("_values",)

    def __init__(self, given, job_id=None):
        values = {**_DEFAULTS, "job_id": job_id}
        values.update((re.sub(r"(?<!^)([A-Z])", r"_\1", key).lower(), item) for key, item in given.items())
        object.__setattr__(self, "_values", values)

    def __getitem__(self, key):
        return self._values[key]

    def __iter__(self):
        return iter(self._values)

    def __len__(self):
        return len(self._values)

    def __getattr__(self, name):
        if name == "_values":
            raise AttributeError(name)
        try:
            return self._values[name]
        except KeyError:
            raise AttributeError(f"context has no {name!r}; it has {', '.join(self._values)}") from None

    def __setattr__(self, name, value):
        raise AttributeError("context is read-only")

    __delattr__ = lambda self, name: self.__setattr__(name, None)  # noqa: E731

    def __dir__(self):
        return [*super().__dir__(), *self._values]

    def __repr__(self):
        return f"Context({', '.join(f'{key}={item!r}' for key, item in self._values.items())})"
