"""Sets up one sandbox around this process and parks a runner in it.

Order matters: namespaces and mounts first, then the runner is forked, joins its cgroups, gives up every
privilege and waits for its task. All of this is done before the host knows the sandbox, so before any byte
of a user can arrive.
"""

import os

from . import gauges, inputs, kernel, lockdown, mounts
from .holdings import Holdings
from .programs import NotReady

_KEPT_ERROR_TEXT = 2000


class Sandbox:
    """Attributes: runner (pid), pidfd, stdout, stderr (read ends), link (to the runner, see programs), gauge,
    holdings, watched_input (see inputs; None when the program gets what the lease brings), staged (descriptor of the folder of staged inputs)."""

    def __init__(self, setting, uid, folders, rehearse):
        """setting: what the nursery prepared once for all sandboxes (see nursery.main.Setting).

        uid: the runner's user id in this user namespace. folders: controller -> cgroup folder.
        rehearse: do early, while nobody waits, what would delay the program.
        """
        self.uid = uid
        self.separate_uid = setting.separate_uids
        self.program = setting.program
        kernel.unshare(kernel.CLONE_NEWNS | kernel.CLONE_NEWNET | kernel.CLONE_NEWIPC | kernel.CLONE_NEWUTS)
        lockdown.raise_loopback()
        locks = mounts.set_up(setting.ceiling["diskBytes"], uid, setting.proc_names, self.program.has_job_folder)
        self.holdings = Holdings(locks)
        self.gauge = gauges.make(setting.cgroup_kind, folders, self.disk_used)
        joins = [os.open(f"{folder}/cgroup.procs", os.O_WRONLY | os.O_CLOEXEC) for folder in folders.values()]

        self.stdout, stdout = os.pipe2(os.O_CLOEXEC)
        self.stderr, stderr = os.pipe2(os.O_CLOEXEC)
        for descriptor in (stdout, stderr):
            os.fchown(descriptor, uid, uid)  # so that the program can open /dev/stdout
        self.watched_input = inputs.WatchedInput() if setting.watch_stdin else None
        self.link = self.program.connect(uid, self.watched_input)
        self.runner = kernel.fork()
        if self.runner == 0:
            self._become_runner(setting, joins, stdout, stderr, rehearse)
        for descriptor in (stdout, stderr, *joins):
            os.close(descriptor)
        self.link.forked()
        self.pidfd = os.pidfd_open(self.runner)
        try:
            self.link.ready()
        except NotReady as error:
            raise RuntimeError(f"the runner could not be locked down: {error} {self._error_text()}") from error
        self.staged = mounts.hide_nursery()

    def _become_runner(self, setting, joins, stdout, stderr, rehearse):
        """The runner's life until its task arrives; never returns."""

        def lock_down():
            lockdown.give_up_privileges(self.uid, setting)

        try:
            for join in joins:
                os.write(join, b"0")
            kernel.unshare(kernel.CLONE_NEWCGROUP)  # /proc/self/cgroup names no place of the host
            os.setsid()
            self.link.become(stdout, stderr, lock_down, rehearse)
        except BaseException as error:  # the reason must reach the warden, whatever it is
            os.write(stderr, f"{type(error).__name__}: {error}".encode())
        finally:
            os._exit(70)

    def _error_text(self):
        """What a runner that did not come up wrote to its standard error."""
        os.set_blocking(self.stderr, False)
        try:
            return os.read(self.stderr, _KEPT_ERROR_TEXT).decode(errors="replace")
        except BlockingIOError:
            return ""

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
        if not self.gauge.counts_memory and not self.program.reserves_address_space:
            lockdown.set_address_space(limits, self.runner)
