"""What a sandbox uses: CPU time, memory, processes; and what the kernel refused it.

Three gauges with the same methods: cgroup v1, cgroup v2, and the sum over /proc where no cgroup is to be
had. Files of the cgroups are opened while the sandbox is set up and read by descriptor afterwards, because
the cgroup file system is not in the sandbox's view.
"""

import os
import resource

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
# Fields of /proc/PID/stat after the name (proc(5)).
_STAT_FLAGS, _STAT_EXIT_CODE = 6, 49
_PF_EXITING = 0x4


def _open(folder, name):
    try:
        return os.open(f"{folder}/{name}", os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None


def _number(descriptor):
    return int(os.pread(descriptor, 64, 0))


def _field(descriptor, name):
    """The number behind `name` in a file of lines `name number`; 0 when it is not there."""
    if descriptor is None:
        return 0
    for line in os.pread(descriptor, 4096, 0).split(b"\n"):
        key, _, value = line.partition(b" ")
        if key == name:
            return int(value)
    return 0


class CgroupV1:
    """folders: controller name -> folder of this sandbox; needs memory, cpuacct and pids.

    The folder may have served a sandbox before: counters are read as differences to what they were.
    """

    counts_memory = True

    def __init__(self, folders):
        memory, pids = folders["memory"], folders["pids"]
        self._cpu = _open(folders["cpuacct"], "cpuacct.usage")
        self._memory = _open(memory, "memory.usage_in_bytes")
        self._peak = _open(memory, "memory.max_usage_in_bytes")
        self._oom = _open(memory, "memory.oom_control")
        self._processes = _open(pids, "pids.current")
        self._refused = _open(pids, "pids.events")
        self._cpu_start = 0
        self._oom_start = _field(self._oom, b"oom_kill")
        self._refused_start = _field(self._refused, b"max")

    def start(self):
        self._cpu_start = _number(self._cpu)

    def settle(self):
        """Called when no process of the program runs any more."""

    def cpu_ms(self):
        return (_number(self._cpu) - self._cpu_start) / 1e6

    def memory_bytes(self):
        return _number(self._memory)

    def peak_bytes(self):
        return _number(self._peak)

    def processes(self):
        return _number(self._processes)

    def out_of_memory(self):
        return _field(self._oom, b"oom_kill") > self._oom_start

    def processes_refused(self):
        return _field(self._refused, b"max") > self._refused_start


class CgroupV2:
    """folders: {"unified": folder of this sandbox}."""

    counts_memory = True

    def __init__(self, folders):
        folder = folders["unified"]
        self._cpu = _open(folder, "cpu.stat")
        self._memory = _open(folder, "memory.current")
        self._peak = _open(folder, "memory.peak")
        self._events = _open(folder, "memory.events")
        self._processes = _open(folder, "pids.current")
        self._refused = _open(folder, "pids.events")
        self._cpu_start = 0
        self._highest = 0

    def start(self):
        self._cpu_start = _field(self._cpu, b"usage_usec")

    def settle(self):
        """Called when no process of the program runs any more."""

    def cpu_ms(self):
        return (_field(self._cpu, b"usage_usec") - self._cpu_start) / 1e3

    def memory_bytes(self):
        now = _number(self._memory)
        self._highest = max(self._highest, now)
        return now

    def peak_bytes(self):
        return _number(self._peak) if self._peak is not None else max(self._highest, self.memory_bytes())

    def processes(self):
        return _number(self._processes) if self._processes is not None else _count_processes()

    def out_of_memory(self):
        return _field(self._events, b"oom_kill") > 0

    def processes_refused(self):
        return _field(self._refused, b"max") > 0


def process_ids():
    """The processes of this namespace but the warden."""
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and name != "1"]


def exiting_with(pid):
    """The status with which a process is ending; None while it may run an instruction yet."""
    with open(f"/proc/{pid}/stat", "rb") as file:
        fields = file.read().rpartition(b")")[2].split()
    return int(fields[_STAT_EXIT_CODE]) if int(fields[_STAT_FLAGS]) & _PF_EXITING else None


def _count_processes():
    return sum(_threads(pid) for pid in process_ids())


def _threads(pid):
    try:
        return len(os.listdir(f"/proc/{pid}/task"))
    except OSError:
        return 0


def _read(path):
    """The content of a file of /proc, empty when its process is gone."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


def _read_memory(pid, name):
    """The file `name` of a process, which speaks of its memory; empty when it has none.

    A process whose first thread has ended lives on in the others, while its own files say that it has no memory any
    more: then a thread that lives is asked.
    """
    content = _read(f"/proc/{pid}/{name}")
    if content and not content.startswith(b"0 "):
        return content
    try:
        threads = os.listdir(f"/proc/{pid}/task")
    except OSError:
        return b""
    for thread in threads:
        content = _read(f"/proc/{pid}/task/{thread}/{name}")
        if content and not content.startswith(b"0 "):
            return content
    return b""


class Sampled:
    """Sums over the processes in /proc. Memory is their proportional share without what the runner inherited
    from the nursery, plus the files on the sandbox's tmpfs. Precise to one interval of sampling."""

    counts_memory = False

    def __init__(self, disk_used):
        self._disk_used = disk_used
        self._inherited = 0
        self._ended_cpu_ms = 0.0
        self._cpu = {}
        self._highest = 0
        self._cpu_start = 0.0

    def start(self):
        # What the runner made its own while it was parked counts, as in a cgroup; what it shares does not.
        self._inherited = max(0, self._resident() - self._proportional())
        self._cpu_start = self.cpu_ms()

    def settle(self):
        """Every process is dead and reaped: what the kernel added up is exact, and covers the last interval."""
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        self._ended_cpu_ms = max(self._ended_cpu_ms, (usage.ru_utime + usage.ru_stime) * 1000)
        self._cpu = {}
        self._highest = max(self._highest, usage.ru_maxrss * 1024 - self._inherited)

    def cpu_ms(self):
        """CPU time so far, by two counts, of which each misses something and the higher one holds.

        What lives, plus the last seen time of what has ended: misses the last interval of short lives. What
        lives with the children it has waited for: misses children whose end their parent ignores.
        """
        seen = {}
        inherited = 0
        for pid in process_ids():
            try:
                with open(f"/proc/{pid}/stat", "rb") as file:
                    fields = file.read().rpartition(b")")[2].split()
            except OSError:
                continue
            seen[pid, fields[19]] = (int(fields[11]) + int(fields[12])) * 1000 / _TICKS
            inherited += (int(fields[13]) + int(fields[14])) * 1000 / _TICKS
        for key, used in self._cpu.items():
            if key not in seen:
                self._ended_cpu_ms += used
        self._cpu = seen
        alive = sum(seen.values())
        orphans = resource.getrusage(resource.RUSAGE_CHILDREN)
        waited_for = inherited + (orphans.ru_utime + orphans.ru_stime) * 1000
        return alive + max(self._ended_cpu_ms, waited_for) - self._cpu_start

    def memory_bytes(self):
        resident = self._resident()
        # The cheap sum counts shared pages once for each process: ask for the exact one when it matters.
        now = self._proportional() if resident - self._inherited > 8 * 1024 * 1024 else max(0, resident - self._inherited)
        now += self._disk_used()
        self._highest = max(self._highest, now)
        return now

    @staticmethod
    def _resident():
        total = 0
        for pid in process_ids():
            content = _read_memory(pid, "statm")
            total += int(content.split()[1]) * _PAGE if content else 0
        return total

    @staticmethod
    def _proportional():
        """Anonymous and shared memory of all processes, each page counted once between them."""
        total = 0
        for pid in process_ids():
            for line in _read_memory(pid, "smaps_rollup").splitlines():
                if line.startswith((b"Pss_Anon:", b"Pss_Shmem:")):
                    total += int(line.split()[1]) * 1024
        return total

    def peak_bytes(self):
        return max(self._highest, 0)

    def processes(self):
        return _count_processes()

    def out_of_memory(self):
        return False

    def processes_refused(self):
        return False


def make(kind, folders, disk_used):
    """The gauge for `kind`: "v1", "v2" or "none"."""
    if kind == "v1":
        return CgroupV1(folders)
    if kind == "v2":
        return CgroupV2(folders)
    return Sampled(disk_used)
