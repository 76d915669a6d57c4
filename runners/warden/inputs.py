"""Places the input files of one lease in the workspace, before the program starts.

Small files are written to the sandbox's tmpfs and belong to the program. Large ones were staged by the host
and are mounted read-only in their place, without a copy. Names come from the host, which has checked them;
they are resolved here below the workspace all the same, and no other process runs yet that could interfere.
"""

import fcntl
import os

from . import kernel
from .mounts import STAGED, WORKSPACE


class BadName(ValueError):
    """A name that would leave the workspace: the host and the warden disagree, which is a fault of ours."""


def _target(name):
    parts = name.split("/")
    if any(part in ("", ".", "..") for part in parts) or "\0" in name:
        raise BadName(name)
    return parts


_made = {""}  # folders below the workspace; a process serves one lease


def _make_parents(parts, owner):
    """Makes the folders above a file that are not there. A tree names each of them with all of its files."""
    depth = len(parts) - 1
    while "/".join(parts[:depth]) not in _made:
        depth -= 1
    for last in range(depth, len(parts) - 1):
        folder = "/".join(parts[: last + 1])
        path = f"{WORKSPACE}/{folder}"
        try:
            os.mkdir(path, 0o755)
            os.chown(path, owner, owner)
        except FileExistsError:
            pass
        _made.add(folder)
    return f"{WORKSPACE}/{'/'.join(parts)}"


def identity(status):
    """What changes when a file is written, replaced or touched."""
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def write(name, content, owner):
    """Writes a small file. Returns its identity. Raises OSError when the disk limit does not hold it."""
    path = _make_parents(_target(name), owner)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
    try:
        view = memoryview(content)
        while view:
            view = view[os.write(descriptor, view):]
        os.fchown(descriptor, owner, owner)
        return identity(os.fstat(descriptor))
    finally:
        os.close(descriptor)


def _bind_read_only(staged, path):
    kernel.mount(f"{STAGED}/{staged}", path, None, kernel.MS_BIND)
    flags = kernel.MS_BIND | kernel.MS_REMOUNT | kernel.MS_RDONLY | kernel.MS_NOSUID | kernel.MS_NODEV
    if os.statvfs(path).f_flag & os.ST_NOEXEC:  # of the host's file system; who is no root there may not take it away
        flags |= kernel.MS_NOEXEC
    kernel.mount(None, path, None, flags)


def mount_staged(name, staged, owner):
    """Mounts a staged file (a path below the staging folder, chosen by the host) in the place of `name`."""
    _target(staged)
    path = _make_parents(_target(name), owner)
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o444))
    _bind_read_only(staged, path)


def mount_folder(path, staged):
    """Mounts a staged folder, as the host made it, at `path`."""
    _target(staged)
    os.mkdir(path, 0o755)
    _bind_read_only(staged, path)


def open_staged(staged):
    """Opens a staged file for reading."""
    _target(staged)
    return os.open(f"{STAGED}/{staged}", os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)


def standard_input(content):
    """A descriptor that reads `content` from its start."""
    descriptor = os.memfd_create("stdin", os.MFD_CLOEXEC)
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view):]
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


class WatchedInput:
    """An empty standard input that shows whether the program read it.

    A read sets a file's access time, and one that finds the end does so too, which nothing else makes visible: a pipe and
    /dev/null keep no trace of it. Nobody can write to the file.
    """

    def __init__(self):
        self.descriptor = os.memfd_create("stdin", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        seals = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL
        fcntl.fcntl(self.descriptor, fcntl.F_ADD_SEALS, seals)

    def begin(self):
        """Forgets what was read so far, by an interpreter that prepared itself."""
        os.utime(self.descriptor, ns=(0, 0))

    def was_read(self):
        return os.fstat(self.descriptor).st_atime_ns != 0


def show_staged(descriptor):
    """Puts the folder of staged inputs into the view (see mounts.hide_nursery)."""
    kernel.attach(descriptor, STAGED)


def hide_staged():
    kernel.unmount(STAGED)
