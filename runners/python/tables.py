"""What is known of numpy and pandas values. Neither library is ever imported here: a
value of theirs can only exist once the program has done so.
"""
import sys

MAX_CELLS = 100_000
MAX_DISPLAY_ROWS = 1000
_SCALAR_KINDS = "biufU"


def python_scalar(value, cls):
    """The Python value of a numpy scalar; None for anything else."""
    numpy = sys.modules.get("numpy")
    generic = getattr(numpy, "generic", None)
    if generic is None or cls.__module__ != "numpy" or not issubclass(cls, generic):
        return None
    plain = value.item() if value.dtype.kind in _SCALAR_KINDS else None
    return plain if type(plain) in (bool, int, float, str) else None


def table_fields(value, converter, depth):
    """Further fields for the description of an ndarray, Series, Index or DataFrame; None
    for anything else. "json" is there up to MAX_CELLS cells: nested arrays for an
    ndarray, {"index", "data"} for a Series, {"columns", "index", "data"} for a DataFrame.
    In this data a missing value (NaN, NaT, NA) is null and a time is its ISO form."""
    try:
        if is_instance(value, "numpy", "ndarray"):
            return _array_fields(value, converter, depth)
        if is_instance(value, "pandas", "DataFrame"):
            return _frame_fields(value, converter, depth + 2)
        if is_instance(value, "pandas", "Series"):
            fields = {"shape": list(value.shape), "dtype": str(value.dtype), "name": converter.convert(value.name)}
            if value.size <= MAX_CELLS:
                fields["json"] = {"index": cells(value.index, converter, depth + 2), "data": cells(value, converter, depth + 2)}
            return fields
        if is_instance(value, "pandas", "Index"):
            fields = {"shape": list(value.shape), "dtype": str(value.dtype)}
            if value.size <= MAX_CELLS:
                fields["json"] = cells(value, converter, depth + 1)
            return fields
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, RuntimeError):
        pass
    return None


def is_instance(value, module, name):
    """isinstance by the real type, for a class of a module that may not be loaded."""
    cls = getattr(sys.modules.get(module), name, None)
    return isinstance(cls, type) and issubclass(type(value), cls)


def frame_records(frame, converter):
    """The first MAX_DISPLAY_ROWS rows of a DataFrame as a list of objects; equal column
    names get a suffix ".1", ".2", ..."""
    head = frame.head(MAX_DISPLAY_ROWS)
    names = []
    for label in head.columns:
        name, count = str(label), 0
        while (name if not count else f"{name}.{count}") in names:
            count += 1
        names.append(name if not count else f"{name}.{count}")
    return [dict(zip(names, row)) for row in _rows(head, converter)]


def cells(column, converter, depth=0):
    return [_cell(item, converter, depth + 1) for item in column.tolist()]


def _array_fields(array, converter, depth):
    fields = {"shape": list(array.shape), "dtype": str(array.dtype)}
    kind = array.dtype.kind
    if array.size <= MAX_CELLS and kind in _SCALAR_KINDS + "OMm":
        if kind == "f" and (array != array).any():
            missing = array != array
            array = array.astype(object)
            array[missing] = None
        elif kind in "Mm":
            array = array.astype(str)
        fields["json"] = converter.convert(array.tolist(), depth + 1)
    return fields


def _frame_fields(frame, converter, depth):
    fields = {
        "shape": list(frame.shape),
        "columns": [str(label) for label in frame.columns[:1000]],
        "dtypes": [str(dtype) for dtype in frame.dtypes[:1000]],
    }
    if frame.size <= MAX_CELLS:
        fields["json"] = {
            "columns": cells(frame.columns, converter, depth),
            "index": cells(frame.index, converter, depth),
            "data": _rows(frame, converter, depth + 1),
        }
    return fields


def _rows(frame, converter, depth=0):
    columns = [cells(frame.iloc[:, position], converter, depth) for position in range(frame.shape[1])]
    return [list(row) for row in zip(*columns)] if columns else [[] for _ in range(len(frame))]


def _cell(item, converter, depth):
    cls = type(item)
    if cls is float:
        converter.spend(4)
        return item if item - item == 0 else None if item != item else converter.convert(item, depth)
    if cls.__name__ in ("NaTType", "NAType"):
        converter.spend(4)
        return None
    if cls.__name__ in ("Timestamp", "Timedelta", "datetime", "date"):
        return converter.convert(item.isoformat())
    return converter.convert(item, depth)
