"""Finds the files that the program made, after every one of its processes is dead.

Folders are walked by descriptor and nothing is followed: no symbolic link, no mount, no device, no FIFO.
What is left out is reported with its reason.
"""

import os
import stat

from .inputs import identity

MAX_FILES = 1_000
MAX_PRODUCT_FILES = 10_000  # a large Java program has a file for each of its classes; the cache takes no more
MAX_DEPTH = 32
MAX_PATH = 500  # characters; the host accepts 1024 units of UTF-16
MAX_REPORTED = 100
# Holes cost the program nothing, and here as much time as content: a disk limit of 8 GiB would give half a minute.
MAX_HOLES = 64 * 1024 * 1024
_BLOCK = 512  # what st_blocks counts in
_CHUNK = 256 * 1024
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


class Artifacts:
    """One walk over a folder, the workspace or that of a compiler's product.

    known: path -> identity of the input files as they were placed; unchanged ones are no artifacts.
    max_bytes: sum of the sizes that may come out. max_files: their number.
    """

    def __init__(self, folder, known, max_bytes, max_files=MAX_FILES):
        self._root = folder
        self.skipped = []
        self.not_listed = 0
        self._known = known
        self._left = max_bytes
        self._holes_left = MAX_HOLES
        self._max_files = max_files
        self._files = 0
        self._device = None

    def _skip(self, path, reason):
        if len(self.skipped) < MAX_REPORTED:
            self.skipped.append({"path": printable(path), "reason": reason})
        else:
            self.not_listed += 1

    def walk(self):
        """Yields (path, size, descriptor) of each artifact; the descriptor is closed after the yield."""
        try:
            root = os.open(self._root, _OPEN | os.O_DIRECTORY)
        except OSError:
            return  # a compiler may have put something else in the place of its folder
        self._device = os.fstat(root).st_dev
        yield from self._folder(root, "", 0)

    def _folder(self, folder, prefix, depth):
        try:
            with os.scandir(folder) as entries:
                names = sorted(entry.name for entry in entries)
            for name in names:
                yield from self._entry(folder, name, prefix + name, depth)
        finally:
            os.close(folder)

    def _entry(self, folder, name, path, depth):
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
        if status.st_dev != self._device:
            return  # a staged input, mounted here
        if stat.S_ISDIR(status.st_mode):
            if depth >= MAX_DEPTH:
                self._skip(path, f"below more than {MAX_DEPTH} folders")
            else:
                yield from self._folder(os.open(name, _OPEN | os.O_DIRECTORY, dir_fd=folder), path + "/", depth + 1)
            return
        if not stat.S_ISREG(status.st_mode):
            self._skip(path, "not a regular file")
            return
        if self._known.get(path) == identity(status):
            return
        if not path.isprintable():
            self._skip(path, "the name has characters that cannot be printed or is not UTF-8")
        elif len(path) > MAX_PATH:
            self._skip(path, f"the path has more than {MAX_PATH} characters")
        elif self._files >= self._max_files:
            self._skip(path, f"more than {self._max_files} files")
        elif status.st_size > self._left:
            self._skip(path, "the artifacts together exceed the disk limit")
        elif (hole := max(0, status.st_size - status.st_blocks * _BLOCK)) > self._holes_left:
            self._skip(path, f"the artifacts together have holes of more than {MAX_HOLES >> 20} MiB")
        else:
            self._holes_left -= hole
            self._files += 1
            self._left -= status.st_size
            descriptor = os.open(name, _OPEN, dir_fd=folder)
            try:
                yield path, status.st_size, descriptor
            finally:
                os.close(descriptor)


def printable(path):
    """The path with escapes for what would act on a terminal or a reader instead of being shown."""
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in path)


def chunks(descriptor, size):
    """The first `size` bytes of a file, in parts; a hole past its end reads as zeros."""
    while size > 0:
        part = os.read(descriptor, min(size, _CHUNK))
        if not part:
            part = bytes(min(size, _CHUNK))
        size -= len(part)
        yield part


def digest(descriptor, size):
    import hashlib  # takes as long as all other imports of the warden: the nursery has it when it is not pressed

    total = hashlib.sha256()
    for part in chunks(descriptor, size):
        total.update(part)
    return total.hexdigest()
