"""Reading and writing files by their extension: `load_file` and `save_file`.

pandas is imported only for the formats that need it; csv and tsv work without it.
"""
import csv
import json
import os
import sys
from importlib import import_module

from . import tables

# extension: reader of pandas, options it is called with, modules of which one must be there
_TABLE_READERS = {
    ".csv": ("read_csv", {}, ()),
    ".tsv": ("read_csv", {"sep": "\t"}, ()),
    ".xlsx": ("read_excel", {}, ("openpyxl",)),
    ".xls": ("read_excel", {}, ("xlrd",)),
    ".parquet": ("read_parquet", {}, ("pyarrow", "fastparquet")),
}
# extension: writer of a DataFrame, options, modules of which one must be there
_TABLE_WRITERS = {
    ".csv": ("to_csv", {"index": False}, ()),
    ".tsv": ("to_csv", {"index": False, "sep": "\t"}, ()),
    ".json": ("to_json", {"orient": "records", "date_format": "iso"}, ()),
    ".jsonl": ("to_json", {"orient": "records", "date_format": "iso", "lines": True}, ()),
    ".html": ("to_html", {"index": False}, ()),
    ".xlsx": ("to_excel", {"index": False}, ("openpyxl", "xlsxwriter")),
    ".parquet": ("to_parquet", {"index": False}, ("pyarrow", "fastparquet")),
}

# Debian packages of libraries; the others come with pip, xlrd too, because pandas refuses that of Debian 12 as too old.
# The folder is Debian's for what its packages do not bring; sandboxes see it.
_DEBIAN_PACKAGES = {"pandas": "python3-pandas", "openpyxl": "python3-openpyxl"}
_PIP = "pip install --target=/usr/local/lib/python{}.{}/dist-packages".format(*sys.version_info)


def load(path, options):
    """The content of a file (see Library.load_file). Raises FileNotFoundError, ImportError
    naming the missing library, ValueError for content that is not what the name says."""
    extension = _extension(path)
    if not os.path.exists(path):
        raise FileNotFoundError(f"load_file: there is no file {path!r}")
    if extension == ".json":
        with open(path, encoding="utf-8-sig") as file:
            return _parse(file.read(), path, options)
    if extension == ".jsonl":
        with open(path, encoding="utf-8-sig") as file:
            lines = enumerate(file, 1)
            return [_parse(line, f"{path}, line {number}", options) for number, line in lines if line.strip()]
    if extension not in _TABLE_READERS:
        with open(path, **{"encoding": "utf-8", **options}) as file:
            return file.read()
    return _load_table(path, extension, options)


def _load_table(path, extension, options):
    reader, defaults, libraries = _TABLE_READERS[extension]
    pandas = _import_first("pandas")
    if pandas is None and extension in (".csv", ".tsv"):
        with open(path, newline="", encoding="utf-8-sig") as file:
            return list(csv.DictReader(file, **{"delimiter": "\t" if extension == ".tsv" else ",", **options}))
    _require("load_file: reading", extension, "pandas")
    _require("load_file: reading", extension, *libraries)
    return getattr(pandas, reader)(path, **{**defaults, **options})


def _parse(text, place, options):
    """A value of JSON. What is wrong with it is said with the place that it came from."""
    try:
        return json.loads(text, **options)
    except json.JSONDecodeError as error:
        raise json.JSONDecodeError(f"load_file: {place}: {error.msg}", error.doc, error.pos) from None


def save(path, content):
    """Write content to a path whose folder exists (see Library.save_file). Raises TypeError
    for content that the extension has no form for."""
    extension = _extension(path)
    if isinstance(content, str):
        with open(path, "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
            file.write(content)
    elif isinstance(content, (bytes, bytearray, memoryview)):
        with open(path, "wb") as file:
            file.write(content)
    elif tables.is_instance(content, "pandas", "DataFrame"):
        _save_table(path, extension, content)
    elif tables.is_instance(content, "pandas", "Series"):
        _save_table(path, extension, content.to_frame())
    elif tables.is_instance(content, "matplotlib.figure", "Figure"):
        content.savefig(path)
    elif isinstance(content, (dict, list, tuple)):
        _save_json(path, extension, content)
    else:
        raise TypeError(
            "save_file: content must be str, bytes, a DataFrame, a figure, a dict or a list, "
            f"not {type(content).__name__}"
        )


def _save_table(path, extension, frame):
    if extension not in _TABLE_WRITERS:
        raise TypeError(
            f"save_file: a DataFrame cannot be written as {extension or 'a file without extension'}; "
            f"use one of {', '.join(_TABLE_WRITERS)}"
        )
    writer, options, libraries = _TABLE_WRITERS[extension]
    _require("save_file: writing", extension, *libraries)
    getattr(frame, writer)(path, **options)


def _save_json(path, extension, content):
    if extension == ".jsonl" and not isinstance(content, dict):
        text = "".join(json.dumps(item, ensure_ascii=False) + "\n" for item in content)
    else:
        text = json.dumps(content, ensure_ascii=False, indent=2) + "\n"
    with open(path, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(text)


def _extension(path):
    return os.path.splitext(path)[1].lower()


def _import_first(*names):
    for name in names:
        try:
            return sys.modules.get(name) or import_module(name)
        except ImportError:
            continue
    return None


def _require(what, extension, *names):
    if names and _import_first(*names) is None:
        package = _DEBIAN_PACKAGES.get(names[0])
        command = f"apt-get install {package}" if package else f"{_PIP} {names[0]}"
        raise ImportError(
            f"{what} {extension} needs {' or '.join(names)}, which is not installed; "
            f"the operator of this host installs it with: {command}"
        )
