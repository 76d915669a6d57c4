"""Sets up one sandbox around this process and parks a runner in it.

Order matters: namespaces and mounts first, then the runner is forked, joins its cgroups, gives up every
privilege and waits for its task. All of this is done before the host knows the sandbox, so before any byte
of a user can arrive.
"""

import os
import socket
import struct

from . import gauges, kernel, lockdown, mounts

_TASK_LENGTH = struct.Struct(">I")
_DESCRIPTOR = struct.Struct("=i")
CHANNEL = 3  # the runner's descriptor of its connection to the warden


class Sandbox:
    """Attributes: runner (pid), pidfd, stdout, stderr (read ends), channel (socket to the runner), gauge,
    staged (descriptor of the folder of staged inputs)."""

    def __init__(self, setting, uid, folders, program, rehearse):
        """setting: what the nursery prepared once for all sandboxes (see nursery.main.Setting).

        uid: the runner's user id in this user namespace. folders: controller -> cgroup folder.
        program: what the runner becomes; `run(task bytes, channel descriptor)` is called when a task arrives
        and does not return, `park()` before that, if `rehearse`, to do early what would delay the program.
        """
        self.uid = uid
        self.separate_uid = setting.separate_uids
        kernel.unshare(kernel.CLONE_NEWNS | kernel.CLONE_NEWNET | kernel.CLONE_NEWIPC | kernel.CLONE_NEWUTS)
        lockdown.raise_loopback()
        mounts.set_up(setting.ceiling["diskBytes"], uid, setting.proc_names)
        self.gauge = gauges.make(setting.cgroup_kind, folders, self.disk_used)
        joins = [os.open(f"{folder}/cgroup.procs", os.O_WRONLY | os.O_CLOEXEC) for folder in folders.values()]

        self.stdout, stdout = os.pipe2(os.O_CLOEXEC)
        self.stderr, stderr = os.pipe2(os.O_CLOEXEC)
        for descriptor in (stdout, stderr):
            os.fchown(descriptor, uid, uid)  # so that the program can open /dev/stdout
        self.channel, channel = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        self.runner = kernel.fork()
        if self.runner == 0:
            _runner(setting, uid, joins, stdout, stderr, channel, program, rehearse)
        for descriptor in (stdout, stderr, *joins):
            os.close(descriptor)
        channel.close()
        self.pidfd = os.pidfd_open(self.runner)
        answer = self.channel.recv(200)
        if answer != b"R":
            raise RuntimeError(f"the runner could not be locked down: {answer.decode(errors='replace')}")
        self.staged = mounts.hide_nursery()

    def disk_used(self):
        status = os.statvfs(mounts.WORKSPACE)
        return (status.f_blocks - status.f_bfree) * status.f_frsize

    def disk_is_full(self):
        status = os.statvfs(mounts.WORKSPACE)
        return status.f_bfree == 0 or status.f_ffree == 0

    def apply(self, limits):
        """Narrows the parked sandbox's limits to those of the lease."""
        mounts.resize(limits["diskBytes"])
        lockdown.set_process_limits(limits, self.separate_uid, self.gauge.counts_memory, self.runner)
        if not self.gauge.counts_memory:
            lockdown.set_address_space(limits, self.runner)

    def hand_over(self, task, standard_input):
        """Sends the task (bytes of a JSON object) and the descriptor for standard input to the runner."""
        rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, _DESCRIPTOR.pack(standard_input))
        self.channel.sendmsg([_TASK_LENGTH.pack(len(task))], [rights])
        self.channel.sendall(task)


def _runner(setting, uid, joins, stdout, stderr, channel, program, rehearse):
    """The runner's life until its task arrives. Leaves by `program.run` or by ending the process."""
    try:
        for join in joins:
            os.write(join, b"0")
        kernel.unshare(kernel.CLONE_NEWCGROUP)  # /proc/self/cgroup names no place of the host
        os.setsid()
        os.dup2(stdout, 1)
        os.dup2(stderr, 2)
        os.dup2(channel.detach(), CHANNEL, inheritable=False)
        os.closerange(CHANNEL + 1, 1 << 20)
        lockdown.give_up_privileges(uid, setting)
        if rehearse:
            program.park()
    except BaseException as error:  # the reason must reach the warden, whatever it is
        os.write(CHANNEL, f"{type(error).__name__}: {error}".encode()[:200])
        os._exit(70)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, CHANNEL)
    connection.send(b"R")
    try:
        head, rights, _, _ = connection.recvmsg(_TASK_LENGTH.size, socket.CMSG_SPACE(_DESCRIPTOR.size))
        if len(head) < _TASK_LENGTH.size:
            os._exit(0)
        (length,) = _TASK_LENGTH.unpack(head)
        task = bytearray()
        while len(task) < length:
            part = connection.recv(length - len(task))
            if not part:
                os._exit(0)
            task += part
        (standard_input,) = _DESCRIPTOR.unpack(rights[0][2])
        os.dup2(standard_input, 0)
        os.close(standard_input)
        connection.detach()
    except OSError:
        os._exit(70)
    program.run(bytes(task), CHANNEL)
    os._exit(70)
