"""Watches one running program: measures it, stops it at its limits, and says how it ended.

States: running -> stopping (a cause is set, everything is being killed) -> ended (no process runs any more).
The first cause wins and is never replaced. What the program writes is pumped by `output`, and what is said to the
host goes through `host_line`.
"""

import json
import os
import select
import signal
import time

from . import frames, holdings
from .gauges import exiting_with
from .host_line import HostLine
from .output import Messages, Streams
from .throttle import Throttle

_ALERT_AT = 0.8
_LOOKS_FOR_END = 25
_CGROUP_INTERVAL, _SAMPLING_INTERVAL = 0.05, 0.01


class Supervisor:
    def __init__(self, sandbox, host, lease):
        self._sandbox = sandbox
        self._limits = lease["limits"]
        self._series_interval = lease["sampleMs"] / 1000 if lease["sampleMs"] else None
        self._interval = _CGROUP_INTERVAL if sandbox.gauge.counts_memory else _SAMPLING_INTERVAL
        self._cause = None
        self._violations = set()
        self._kill_at = None
        self._wait_status = None
        self._looked_for_end = False
        self._exiting = False  # the runner is past its last instruction
        self._alerted = set()
        self._throttle = Throttle(self._limits["cpuPercent"])
        self._line = HostLine(host)
        self._streams = Streams(sandbox, self._limits, self._line)
        self._messages = Messages(sandbox.link.messages, self._line)
        self._started = time.monotonic()

    @property
    def warnings(self):
        return self._messages.warnings

    def flush(self):
        """Sends what is queued, waiting for the host as long as it takes."""
        self._line.flush()

    # -- the loop ---------------------------------------------------------------------------------------

    def run(self):
        """Returns when no process of the program is left and its output is queued or sent."""
        self._line.connection.setblocking(False)
        for descriptor in self._streams.descriptors:
            os.set_blocking(descriptor, False)
        os.set_blocking(self._sandbox.link.messages, False)
        deadline = self._started + self._limits["timeoutMs"] / 1000
        next_look = self._started + self._interval
        next_sample = self._started + self._series_interval if self._series_interval else None
        while True:
            now = time.monotonic()
            times = [moment for moment in (deadline, next_look, next_sample, self._kill_at) if moment is not None]
            ready = self._poll(max(0.0, min(times) - now))
            now = time.monotonic()
            # A warden that stood still judges what it finds before it judges by the clock, and never by the clock alone
            # a program that has ended.
            if now >= next_look:
                next_look = now + self._interval
                self._look(now)
            if now >= deadline and self._sandbox.pidfd not in ready:
                self._stop("timed-out", limit="timeoutMs")
            if self._kill_at is not None and now >= self._kill_at:
                break
            if next_sample is not None and now >= next_sample:
                next_sample = now + self._series_interval
                self._line.queue(frames.SAMPLE, self._sample(now))
            if self._sandbox.pidfd in ready or self._is_exiting() or (self._cause and self._kill_at is None):
                break
        self._end()

    def _poll(self, timeout):
        line, streams, messages = self._line, self._streams, self._messages
        poller = select.poll()
        poller.register(self._sandbox.pidfd, select.POLLIN)
        poller.register(line.connection, select.POLLIN | (select.POLLOUT if line.has_waiting else 0))
        if not line.is_full:
            for descriptor in streams.descriptors:
                poller.register(descriptor, select.POLLIN)
            if messages.descriptor is not None:
                poller.register(messages.descriptor, select.POLLIN)
        feed = self._sandbox.link.feed
        if feed is not None and feed.target is not None:
            poller.register(feed.target, select.POLLOUT)
        ready = {descriptor for descriptor, _ in poller.poll(timeout * 1000)}
        if line.connection.fileno() in ready:
            for kind, payload in line.receive():
                if kind == frames.CANCEL:
                    self._cancel(json.loads(payload)["graceMs"])
        for descriptor in streams.descriptors:
            if descriptor in ready and streams.pump(descriptor):
                self._judge_output()
        if messages.descriptor in ready:
            messages.pump()
        if feed is not None and feed.target in ready:
            feed.pump()
        line.send()
        return ready

    def _judge_output(self):
        streams = self._streams
        if streams.exceeded is not None:
            self._stop("output-limit", limit=streams.exceeded)
        elif "outputBytes" not in self._alerted or "outputLines" not in self._alerted:
            self._alert("outputBytes", streams.bytes)
            self._alert("outputLines", streams.lines)

    def rehearse(self):
        """One turn of the loop in which nothing is to do (see rehearsal)."""
        self._poll(0.0)

    def _cancel(self, grace_ms):
        if self._cause is None and grace_ms > 0:
            self._cause = {"kind": "cancelled"}
            self._kill_at = time.monotonic() + grace_ms / 1000
            self._throttle.resume()
            try:
                os.killpg(self._sandbox.runner, signal.SIGINT)
            except ProcessLookupError:
                pass
        else:
            self._stop("cancelled")

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
            self._line.queue(frames.ALERT, {"limit": name, "used": used, "allowed": allowed})

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
        excess = self._sandbox.holdings.excess(cpu, limits["memoryBytes"], now)
        if excess is not None:
            self._stop("out-of-memory")
            self.warnings.append(excess)
        if not gauge.counts_memory:
            self._throttle.keep((now - self._started) * 1000, cpu)
        if holdings.open_files(self._sandbox.runner) >= limits["openFiles"]:
            self._violations.add("openFiles")
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
        if processes > self._limits["processes"]:
            self._reap_orphans()  # those that ended since, if this warden stood still before it counted
            processes = self._sandbox.gauge.processes()
        if processes >= self._limits["processes"]:
            self._violations.add("processes")
        if processes <= self._limits["processes"]:
            return False
        self._stop("signalled", signal="SIGKILL")
        return True

    @staticmethod
    def _kill_all():
        try:
            os.kill(-1, signal.SIGKILL)
        except ProcessLookupError:
            pass

    # -- the end ----------------------------------------------------------------------------------------

    def _end(self):
        """Kills every process of this namespace, then reads what they left in the pipes.

        They are also waited for, unless all that is left is a runner that the kernel is taking apart already: it
        runs no instruction any more, and with the data stack that takes 1.8 ms (0.3 without). The warden's own end waits
        for it.
        """
        wall = time.monotonic()
        gauge = self._sandbox.gauge
        if not gauge.counts_memory and gauge.processes() >= self._limits["processes"]:
            self._violations.add("processes")
        self._kill_all()
        if not self._exiting or not gauge.counts_memory or gauge.processes() > 1:
            self._reap_all()
        self._sandbox.gauge.settle()
        self.wall_ms = (wall - self._started) * 1000
        for descriptor in self._streams.descriptors:
            while self._streams.pump(descriptor):
                self._judge_output()
                self._line.send()
        while self._messages.descriptor is not None and self._messages.pump():
            self._line.send()

    def _is_exiting(self):
        """True when the runner has announced its end and is past its last instruction, with the status announced.

        Looks for the 5 ms that this may take after the announcement, once; a program that announced what it does
        not do goes on. The status is compared because older kernels set it a moment later than the flag.
        """
        announced = self._messages.announced
        if announced is None or self._looked_for_end:
            return False
        self._looked_for_end = True
        for _ in range(_LOOKS_FOR_END):
            if exiting_with(self._sandbox.runner) == announced << 8:
                self._wait_status, self._exiting = announced << 8, True
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
            self._kill_all()

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
