"""Watches one running program: pumps its output, measures it, stops it at its limits, and says how it ended.

States: running -> stopping (a cause is set, everything is being killed) -> ended (no process is left).
The first cause wins and is never replaced. Nothing here interprets what the program writes; messages of
the runner are cut out of their stream by length and passed on unread.

The host's socket never blocks the loop: frames wait in `_outgoing`, and while more than 1 MiB waits, the
program's pipes are not read, so a slow reader slows the program and memory stays bounded.
"""

import json
import os
import select
import signal
import struct
import time

from . import frames

_HIGH_WATER = 1 << 20
_MAX_MESSAGE = 9 << 20
_MAX_MESSAGES = 32 << 20
_MESSAGE_COST = 256  # what each message counts beyond its length: a flood of empty ones costs the host as well
_ALERT_AT = 0.8
_LENGTH = struct.Struct(">I")
_END = 0xFFFFFFFF  # in the place of a length: the runner ends now
# Fields of /proc/PID/stat after the name (proc(5)).
_STAT_FLAGS, _STAT_EXIT_CODE = 6, 49
_PF_EXITING = 0x4
_LOOKS_FOR_END = 25
_CGROUP_INTERVAL, _SAMPLING_INTERVAL = 0.05, 0.01


class Supervisor:
    def __init__(self, sandbox, host, lease):
        self._sandbox = sandbox
        self._host = host
        self._limits = lease["limits"]
        self._series_interval = lease["sampleMs"] / 1000 if lease["sampleMs"] else None
        self._interval = _CGROUP_INTERVAL if sandbox.gauge.counts_memory else _SAMPLING_INTERVAL
        self._cause = None
        self._violations = set()
        self._kill_at = None
        self._wait_status = None
        self._announced = None  # the status with which the runner has said that it ends; it says so once
        self._looked_for_end = False
        self._exiting = False  # and the kernel agrees
        self._outgoing = bytearray()
        self._incoming = bytearray()
        self._messages = bytearray()
        self._message_bytes = 0
        self._messages_broken = False
        self._bytes = 0
        self._lines = 0
        self._alerted = set()
        self._stopped_for_cpu = False
        self._started = time.monotonic()
        self._readers = {sandbox.stdout: frames.STDOUT, sandbox.stderr: frames.STDERR}
        self.warnings = []

    # -- the loop ---------------------------------------------------------------------------------------

    def run(self):
        """Returns when no process of the program is left and its output is queued or sent."""
        self._host.setblocking(False)
        for descriptor in self._readers:
            os.set_blocking(descriptor, False)
        self._sandbox.channel.setblocking(False)
        deadline = self._started + self._limits["timeoutMs"] / 1000
        next_look = self._started + self._interval
        next_sample = self._started + self._series_interval if self._series_interval else None
        while True:
            now = time.monotonic()
            times = [moment for moment in (deadline, next_look, next_sample, self._kill_at) if moment is not None]
            ready = self._poll(max(0.0, min(times) - now))
            now = time.monotonic()
            if now >= deadline:
                self._stop("timed-out", limit="timeoutMs")
            if self._kill_at is not None and now >= self._kill_at:
                break
            if now >= next_look:
                next_look = now + self._interval
                self._look(now)
            if next_sample is not None and now >= next_sample:
                next_sample = now + self._series_interval
                self._queue(frames.SAMPLE, self._sample(now))
            if self._sandbox.pidfd in ready or self._is_exiting() or (self._cause and self._kill_at is None):
                break
        self._end()

    def _poll(self, timeout):
        poller = select.poll()
        poller.register(self._sandbox.pidfd, select.POLLIN)
        poller.register(self._host, select.POLLIN | (select.POLLOUT if self._outgoing else 0))
        if len(self._outgoing) < _HIGH_WATER:
            for descriptor in self._readers:
                poller.register(descriptor, select.POLLIN)
            if self._sandbox.channel is not None:
                poller.register(self._sandbox.channel, select.POLLIN)
        ready = {descriptor for descriptor, _ in poller.poll(timeout * 1000)}
        if self._host.fileno() in ready:
            self._receive()
        for descriptor in list(self._readers):
            if descriptor in ready:
                self._pump(descriptor)
        if self._sandbox.channel is not None and self._sandbox.channel.fileno() in ready:
            self._pump_messages()
        self._send()
        return ready

    def rehearse(self):
        """One turn of the loop in which nothing is to do (see rehearsal)."""
        self._poll(0.0)

    # -- the host ---------------------------------------------------------------------------------------

    def _queue(self, kind, payload):
        self._outgoing += frames.encode(kind, payload)

    def _send(self):
        while self._outgoing:
            try:
                sent = self._host.send(memoryview(self._outgoing)[: 256 * 1024])
            except BlockingIOError:
                return
            except OSError as error:
                raise frames.ConnectionLost from error
            del self._outgoing[:sent]

    def flush(self):
        """Sends what is queued, waiting for the host as long as it takes."""
        self._host.setblocking(True)
        try:
            self._host.sendall(self._outgoing)
        except OSError as error:
            raise frames.ConnectionLost from error
        self._outgoing.clear()

    def _receive(self):
        try:
            data = self._host.recv(65536)
        except BlockingIOError:
            return
        except OSError as error:
            raise frames.ConnectionLost from error
        if not data:
            raise frames.ConnectionLost
        self._incoming += data
        while len(self._incoming) >= frames.HEADER.size:
            length, kind = frames.HEADER.unpack_from(self._incoming)
            end = frames.HEADER.size + length
            if len(self._incoming) < end:
                return
            payload = bytes(self._incoming[frames.HEADER.size:end])
            del self._incoming[:end]
            if kind == frames.CANCEL:
                self._cancel(json.loads(payload)["graceMs"])

    def _cancel(self, grace_ms):
        if self._cause is None and grace_ms > 0:
            self._cause = {"kind": "cancelled"}
            self._kill_at = time.monotonic() + grace_ms / 1000
            self._resume()
            try:
                os.killpg(self._sandbox.runner, signal.SIGINT)
            except ProcessLookupError:
                pass
        else:
            self._stop("cancelled")

    # -- what the program writes ------------------------------------------------------------------------

    def _pump(self, descriptor):
        try:
            data = os.read(descriptor, frames.MAX_DATA)
        except BlockingIOError:
            return False
        if not data:
            del self._readers[descriptor]
            return False
        self._forward(self._readers[descriptor], data)
        return True

    def _forward(self, kind, data):
        """Queues output up to the limits and stops the program at them."""
        if self._cause is not None and self._cause["kind"] == "output-limit":
            return
        allowed, exceeded = data, None
        if self._bytes + len(allowed) > self._limits["outputBytes"]:
            allowed, exceeded = allowed[: self._limits["outputBytes"] - self._bytes], "outputBytes"
        lines = allowed.count(b"\n")
        lines_left = self._limits["outputLines"] - self._lines
        if lines > lines_left or (lines_left == 0 and allowed) or (lines == lines_left and allowed[-1:] not in (b"", b"\n")):
            cut = 0
            for _ in range(lines_left):
                cut = allowed.index(b"\n", cut) + 1
            allowed, exceeded, lines = allowed[:cut], "outputLines", lines_left
        self._bytes += len(allowed)
        self._lines += lines
        if allowed:
            self._queue(kind, allowed)
        if exceeded:
            self._stop("output-limit", limit=exceeded)
        elif "outputBytes" not in self._alerted or "outputLines" not in self._alerted:
            self._alert("outputBytes", self._bytes)
            self._alert("outputLines", self._lines)

    def _pump_messages(self):
        try:
            data = self._sandbox.channel.recv(frames.MAX_DATA)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        if not data:
            self._sandbox.channel.close()
            self._sandbox.channel = None
            return False
        if self._messages_broken:
            return True
        self._messages += data
        while len(self._messages) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._messages)
            if length == _END and self._announced is None:
                if len(self._messages) <= _LENGTH.size:
                    break
                self._announced = self._messages[_LENGTH.size]
                del self._messages[:_LENGTH.size + 1]
                continue
            total = self._message_bytes + length + _MESSAGE_COST
            if length > _MAX_MESSAGE or total > _MAX_MESSAGES:
                self._messages_broken = True
                self._messages.clear()
                self.warnings.append("the program's result channel was cut off: a message was too large or malformed, or there were too many")
                break
            end = _LENGTH.size + length
            if len(self._messages) < end:
                break
            self._message_bytes = total
            self._queue(frames.MESSAGE, bytes(self._messages[_LENGTH.size:end]))
            del self._messages[:end]
        return True

    # -- limits -----------------------------------------------------------------------------------------

    def _stop(self, kind, **details):
        """Sets the cause, unless there is one, and lets the loop end."""
        if self._cause is None:
            self._cause = {"kind": kind, **details}
        self._kill_at = None

    def _alert(self, name, used):
        allowed = self._limits[name]
        if name not in self._alerted and used >= allowed * _ALERT_AT:
            self._alerted.add(name)
            self._queue(frames.ALERT, {"limit": name, "used": used, "allowed": allowed})

    def _sample(self, now):
        gauge = self._sandbox.gauge
        return {
            "atMs": round((now - self._started) * 1000, 3),
            "cpuMs": round(gauge.cpu_ms(), 3),
            "memoryBytes": gauge.memory_bytes(),
            "processes": gauge.processes(),
        }

    def _look(self, now):
        """Compares what is used with what is allowed."""
        self._reap_orphans()
        gauge, limits = self._sandbox.gauge, self._limits
        processes = gauge.processes()
        if not gauge.counts_memory and self._too_many(processes):
            return  # measuring each of them would give a bomb the time to grow
        cpu, memory = gauge.cpu_ms(), gauge.memory_bytes()
        if gauge.out_of_memory() or (not gauge.counts_memory and memory > limits["memoryBytes"]):
            self._stop("out-of-memory")
        if cpu > limits["cpuMs"]:
            self._stop("timed-out", limit="cpuMs")
        if self._sandbox.disk_is_full():
            self._stop("disk-limit")
        if not gauge.counts_memory:
            self._look_without_cgroups(now, cpu)
        self._look_at_descriptors()
        self._alert("timeoutMs", round((now - self._started) * 1000))
        self._alert("cpuMs", round(cpu))
        self._alert("memoryBytes", memory)
        self._alert("processes", processes)
        self._alert("diskBytes", self._sandbox.disk_used())

    def _reap_orphans(self):
        """Waits for orphans that ended, which count as the program's processes until then; never for the runner."""
        while True:
            ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if ended is None or ended.si_pid == self._sandbox.runner:
                return
            os.waitpid(ended.si_pid, 0)

    def _too_many(self, processes):
        if processes >= self._limits["processes"]:
            self._violations.add("processes")
        if processes <= self._limits["processes"]:
            return False
        self._stop("signalled", signal="SIGKILL")
        return True

    def _look_without_cgroups(self, now, cpu):
        # CPU percent by turns: everything stands still until time has caught up with what was used.
        allowed = (now - self._started) * 1000 * self._limits["cpuPercent"] / 100 + 50
        if cpu > allowed and not self._stopped_for_cpu:
            self._stopped_for_cpu = True
            self._signal_all(signal.SIGSTOP)
        elif cpu <= allowed:
            self._resume()

    def _look_at_descriptors(self):
        try:
            count = len(os.listdir(f"/proc/{self._sandbox.runner}/fd"))
        except OSError:
            return
        if count >= self._limits["openFiles"]:
            self._violations.add("openFiles")

    def _resume(self):
        if self._stopped_for_cpu:
            self._stopped_for_cpu = False
            self._signal_all(signal.SIGCONT)

    @staticmethod
    def _signal_all(number):
        try:
            os.kill(-1, number)
        except ProcessLookupError:
            pass

    # -- the end ----------------------------------------------------------------------------------------

    def _end(self):
        """Kills every process of this namespace, then reads what they left in the pipes.

        They are also waited for, unless all that is left is a runner that the kernel is taking apart already: it
        runs no instruction any more, and with the data stack that takes 4 ms of 15. The warden's own end waits
        for it.
        """
        wall = time.monotonic()
        self._signal_all(signal.SIGKILL)
        gauge = self._sandbox.gauge
        if not self._exiting or not gauge.counts_memory or gauge.processes() > 1:
            self._reap_all()
        self._sandbox.gauge.settle()
        self.wall_ms = (wall - self._started) * 1000
        for descriptor in list(self._readers):
            while self._pump(descriptor):
                self._send()
        while self._sandbox.channel is not None and self._pump_messages():
            self._send()

    def _is_exiting(self):
        """True when the runner has announced its end and is past its last instruction, with the status announced.

        Looks for the 5 ms that this may take after the announcement, once; a program that announced what it does
        not do goes on. The status is compared because older kernels set it a moment later than the flag.
        """
        if self._announced is None or self._looked_for_end:
            return False
        self._looked_for_end = True
        for _ in range(_LOOKS_FOR_END):
            with open(f"/proc/{self._sandbox.runner}/stat", "rb") as file:
                fields = file.read().rpartition(b")")[2].split()
            status = int(fields[_STAT_EXIT_CODE])
            if int(fields[_STAT_FLAGS]) & _PF_EXITING and status == self._announced << 8:
                self._wait_status = status
                self._exiting = True
                return True
            time.sleep(0.0002)
        return False

    def _reap_all(self):
        while True:
            try:
                pid, status = os.waitpid(-1, 0)
            except ChildProcessError:
                return
            if pid == self._sandbox.runner:
                self._wait_status = status
            self._signal_all(signal.SIGKILL)

    def outcome(self):
        """The outcome as the protocol has it, without its stage."""
        gauge = self._sandbox.gauge
        if gauge.processes_refused():
            self._violations.add("processes")
        cause = self._cause
        if gauge.out_of_memory() and (cause is None or cause["kind"] not in ("timed-out", "cancelled", "output-limit")):
            cause = {"kind": "out-of-memory"}
        if cause is None:
            cause = self._natural_end()
        return {**cause, "violations": sorted(self._violations)}

    def _natural_end(self):
        code = os.waitstatus_to_exitcode(self._wait_status)
        full = self._sandbox.disk_is_full()
        if code == -signal.SIGXFSZ or (full and code != 0):
            return {"kind": "disk-limit"}
        if full:
            self._violations.add("diskBytes")
        if code == -signal.SIGXCPU:
            return {"kind": "timed-out", "limit": "cpuMs"}
        if code < 0:
            try:
                name = signal.Signals(-code).name
            except ValueError:
                name = f"SIG{-code}"
            return {"kind": "signalled", "signal": name}
        return {"kind": "exited", "code": code}

    def measured(self):
        gauge = self._sandbox.gauge
        return {
            "wallMs": round(self.wall_ms, 3),
            "cpuMs": round(max(0.0, gauge.cpu_ms()), 3),
            "peakMemoryBytes": max(0, gauge.peak_bytes()),
        }
