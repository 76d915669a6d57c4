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

The first line of standard input is a JSON object {"mode", "base", "gidBase", "count", "mounts": [[source,
target]...], "command": [...]}.
The command's arguments reach bubblewrap by descriptor, because command lines can be read by other users of
the host. Ends by becoming bubblewrap; on failure it says why and exits with 71.
"""

import ctypes
import json
import os
import signal
import subprocess
import sys

_CLONE_NEWNS, _CLONE_NEWUSER = 0x20000, 0x10000000
_MS_BIND, _MS_REC, _MS_PRIVATE = 0x1000, 0x4000, 0x40000
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
            tool = [f"new{kind}map", str(target), "0", str(base), str(plan["count"])]
            subprocess.run(tool, check=True, stdin=subprocess.DEVNULL)


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
        except (OSError, subprocess.CalledProcessError) as error:
            os.write(2, f"launch: the ids cannot be mapped: {error}\n".encode())
        os._exit(1)
    os.close(made_read)
    if plan["mode"] == "root":
        _become(plan["base"], plan["gidBase"])
    _checked(_libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNS), "cannot make a user namespace")
    _mount(None, "/", _MS_REC | _MS_PRIVATE)
    for source, target in plan["mounts"]:
        _mount(source, target, _MS_BIND)  # still as the user, who may enter the folders
    os.write(made_write, b"1")
    if os.waitpid(writer, 0)[1] != 0:
        raise OSError("the user namespace has no ids")
    _become(0, 0)


def _first_line():
    line = bytearray()
    while not line.endswith(b"\n"):
        part = os.read(0, 1)
        if not part:
            sys.exit(0)
        line += part
    return json.loads(line)


def main():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    plan = _first_line()
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
