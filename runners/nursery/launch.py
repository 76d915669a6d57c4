"""Starts bubblewrap with the user namespace of a nursery; runs outside the wall, as the owner of the process.

Three ways, by what the host has. `root`: this process takes the first of a range of host uids that nobody
uses and makes a namespace over the range, so that nothing inside is the host's root. `subordinate`: a user's
namespace over the range that /etc/subuid gives, written by newuidmap. `single`: bubblewrap makes a
namespace of the user's own uid alone.

In the first two ways this process enters the namespace and becomes its user 0 itself. Who writes the maps
must stay outside: a child, forked before.

A subordinate id cannot enter the user's private folders. What bubblewrap needs of them is mounted where it can,
in a mount namespace of this process, while this process is still the user.

A service manager signals every process of a service. What stands between the host process and its sandboxes ends
with the host process, by the end of standard input, and not by INT, TERM or HUP; bubblewrap inherits that from here.

Standard input begins with a number of bytes on a line of its own, and so many bytes: mode, base, gidBase, count, number
of mounts, source and target of each, and the command, with a NUL between two of them. It is no JSON, and there is no
`signal` or `subprocess`, because importing these takes longer than all that is done here.

The command's arguments reach bubblewrap by descriptor, because command lines can be read by other users of
the host. Ends by becoming bubblewrap; on failure it says why and exits with 71.
"""

import ctypes
import os
import sys

_CLONE_NEWNS, _CLONE_NEWUSER = 0x20000, 0x10000000
_MS_BIND, _MS_REC, _MS_PRIVATE = 0x1000, 0x4000, 0x40000
_IGNORED_SIGNALS = 1, 2, 15  # HUP, INT, TERM
_SIG_IGN = ctypes.c_void_p(1)
_libc = ctypes.CDLL(None, use_errno=True)


def _checked(result, what):
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def _mount(source, target, flags):
    paths = (os.fsencode(path) if path else None for path in (source, target))
    _checked(_libc.mount(*paths, None, ctypes.c_ulong(flags), None), f"cannot mount {source} on {target}")


def _write_maps(plan, target):
    """Maps `count` ids from the bases to 0 and up in the namespace of the process `target`."""
    for kind, base in (("uid", plan["base"]), ("gid", plan["gidBase"])):
        if plan["mode"] == "root":
            with open(f"/proc/{target}/{kind}_map", "w", encoding="ascii") as file:
                file.write(f"0 {base} {plan['count']}\n")
        else:
            tool = f"/usr/bin/new{kind}map"
            actions = [(os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0)]
            command = [tool, str(target), "0", base, plan["count"]]
            child = os.posix_spawn(tool, command, os.environ, file_actions=actions)
            if (status := os.waitpid(child, 0)[1]) != 0:
                raise OSError(f"{tool} ended with status {os.waitstatus_to_exitcode(status)}")


def _become(uid, gid):
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)


def _enter_mapped_namespace(plan):
    this = os.getpid()
    made_read, made_write = os.pipe()
    writer = os.fork()
    if writer == 0:
        try:
            os.close(made_write)
            if os.read(made_read, 1) == b"1":
                _write_maps(plan, this)
                os._exit(0)
        except OSError as error:
            os.write(2, f"launch: the ids cannot be mapped: {error}\n".encode())
        os._exit(1)
    os.close(made_read)
    if plan["mode"] == "root":
        _become(int(plan["base"]), int(plan["gidBase"]))
    _checked(_libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNS), "cannot make a user namespace")
    _mount(None, "/", _MS_REC | _MS_PRIVATE)
    for source, target in plan["mounts"]:
        _mount(source, target, _MS_BIND)  # still as the user, who may enter the folders
    os.write(made_write, b"1")
    if os.waitpid(writer, 0)[1] != 0:
        raise OSError("the user namespace has no ids")
    _become(0, 0)


def _read_exactly(count):
    """What follows belongs to the nursery, which inherits standard input."""
    data = bytearray()
    while len(data) < count:
        part = os.read(0, count - len(data))
        if not part:
            sys.exit(0)
        data += part
    return data


def _read_plan():
    size = bytearray()
    while not size.endswith(b"\n"):
        size += _read_exactly(1)
    mode, base, gid_base, count, mounts, *rest = os.fsdecode(bytes(_read_exactly(int(size)))).split("\0")
    places, command = rest[: 2 * int(mounts)], rest[2 * int(mounts) :]
    pairs = list(zip(places[::2], places[1::2]))
    return {"mode": mode, "base": base, "gidBase": gid_base, "count": count, "mounts": pairs, "command": command}


def main():
    for number in _IGNORED_SIGNALS:
        _libc.signal(number, _SIG_IGN)
    plan = _read_plan()
    program, *arguments = plan["command"]
    if plan["mode"] == "single":
        arguments = ["--unshare-user", *arguments]
    else:
        _enter_mapped_namespace(plan)
    split = arguments.index("--")
    options = os.memfd_create("options")  # inherited by bubblewrap, which reads it to its end
    os.set_inheritable(options, True)
    os.write(options, b"\0".join(os.fsencode(part) for part in arguments[:split]) + b"\0")
    os.lseek(options, 0, os.SEEK_SET)
    os.execv(program, [program, "--args", str(options), *arguments[split:]])


try:
    main()
except OSError as failure:
    sys.stderr.write(f"launch: {failure}\n")
    sys.exit(71)
