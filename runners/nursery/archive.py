"""Puts the modules of nursery, warden and Python's runner into one archive, compiled; runs on the host.

    python3 archive.py RUNNERS TARGET PLACE

PLACE is where the nursery will see it. Compiled code stands beside its source, which Python takes instead when it is of
another version than the one here; tracebacks show lines of it. The code is not compared with the source at an import:
whoever uses an archive looks whether it is newer than all sources, and it has but one writer, who writes both.
Compression would only cost the time to undo it.
"""

import importlib.util
import marshal
import os
import sys
import zipfile

FOLDERS = ("nursery", "warden", "python")
# These run outside the wall.
_OF_THE_HOST = ("nursery/archive.py", "nursery/launch.py")
_UNCHECKED_HASH = 0b01


def _compiled(source, place):
    code = compile(source, place, "exec", dont_inherit=True)
    head = importlib.util.MAGIC_NUMBER + _UNCHECKED_HASH.to_bytes(4, "little") + importlib.util.source_hash(source)
    return head + marshal.dumps(code)


def write(runners, target, place):
    partial = f"{target}.{os.getpid()}"
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_STORED) as archive:
        for folder in FOLDERS:
            for name in sorted(os.listdir(os.path.join(runners, folder))):
                path = f"{folder}/{name}"
                if not name.endswith(".py") or path in _OF_THE_HOST:
                    continue
                with open(os.path.join(runners, path), "rb") as file:
                    source = file.read()
                archive.writestr(zipfile.ZipInfo(path), source)
                archive.writestr(zipfile.ZipInfo(f"{path}c"), _compiled(source, f"{place}/{path}"))
    os.replace(partial, target)


if __name__ == "__main__":
    write(*sys.argv[1:])
