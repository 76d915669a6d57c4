"""Starts bubblewrap with the user namespace of a nursery; runs outside the wall, as the owner of the process.

Three ways, by what the host has. As root: a namespace over a range of host uids that nobody uses, owned by
the first of them, so that nothing inside is the host's root. As a user with subordinate uids: a namespace
over those, written by newuidmap. Otherwise bubblewrap makes a namespace of the user's own uid alone.

The first argument is a JSON object {"mode": "root" | "subordinate" | "single", "base", "gidBase", "count",
"command": [...]}. A line on standard input is awaited first: the owner moves this process into its cgroup
before anything is forked. Ends by becoming bubblewrap; on failure it says why and exits with 71.
"""

import ctypes
import json
import os
import subprocess
import sys

_CLONE_NEWUSER = 0x10000000


def _unshare_user():
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWUSER) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"cannot make a user namespace: {os.strerror(number)}")


def _mapped_namespace(plan):
    """A descriptor of a new user namespace with `count` ids from `base` mapped to 0 and up."""
    made_read, made_write = os.pipe()
    done_read, done_write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(done_write)
            if plan["mode"] == "root":
                os.setgroups([])
                os.setresgid(plan["gidBase"], plan["gidBase"], plan["gidBase"])
                os.setresuid(plan["base"], plan["base"], plan["base"])
            _unshare_user()
            os.write(made_write, b"1")
            os.read(done_read, 1)
            os._exit(0)
        except OSError as error:
            os.write(2, f"launch: {error}\n".encode())
            os._exit(1)
    os.close(made_write)
    if os.read(made_read, 1) != b"1":
        raise OSError("the user namespace was not made")
    for kind, base in (("uid", plan["base"]), ("gid", plan["gidBase"])):
        if plan["mode"] == "root":
            with open(f"/proc/{child}/{kind}_map", "w", encoding="ascii") as file:
                file.write(f"0 {base} {plan['count']}\n")
        else:
            tool = [f"new{kind}map", str(child), "0", str(base), str(plan["count"])]
            subprocess.run(tool, check=True, stdin=subprocess.DEVNULL)
    namespace = os.open(f"/proc/{child}/ns/user", os.O_RDONLY)
    os.close(done_write)
    os.waitpid(child, 0)
    return namespace


def main():
    plan = json.loads(sys.argv[1])
    if os.read(0, 1) != b"\n":
        sys.exit(0)
    command = plan["command"]
    if plan["mode"] == "single":
        user = ["--unshare-user"]
    else:
        namespace = _mapped_namespace(plan)
        os.set_inheritable(namespace, True)
        user = ["--userns", str(namespace)]
    if plan["mode"] == "root":
        os.setgroups([])
        os.setresgid(plan["gidBase"], plan["gidBase"], plan["gidBase"])
        os.setresuid(plan["base"], plan["base"], plan["base"])
    os.execv(command[0], [command[0], *user, *command[1:]])


try:
    main()
except (OSError, subprocess.CalledProcessError) as failure:
    sys.stderr.write(f"launch: {failure}\n")
    sys.exit(71)
