"""The three ways in which a runner becomes the user's program.

`Forked`: the runner is a copy of the nursery's own interpreter, which runs the program itself. `Command`: the runner
waits as that copy, and when its program is there becomes the command that runs it. `Parked`: the runner becomes an
interpreter at once, which prepares itself and waits for the program.

A program object is made once in the nursery; `connect` gives each sandbox a link of its own, of which the warden
keeps one side and the runner the other. A link answers for: `ready()` when the runner is locked down and waits,
`hand_over()`, `messages` (the descriptor on which the runner's messages arrive), `feed` (what still has to be written
to the program's standard input), and in the runner `become()`, which never returns.

Descriptors of the user's program: 0 to 2 as usual; `Forked`: 3 messages; `Parked`: 3 the start signal, 4 messages;
`Command`: 4 messages.
"""

import fcntl
import json
import os
import signal
import socket
import struct

from .mounts import JOB, WORKSPACE

CHANNEL = 3
MESSAGES = 4
_FIRST_FREE = 64  # descriptors are moved from here on before they get their numbers, so that none is overwritten
_TASK_LENGTH = struct.Struct(">I")
_MESSAGE_LENGTH = struct.Struct(">I")
_DESCRIPTOR = struct.Struct("=i")
_PARKED = {"type": "parked"}
_IGNORED_BY_PYTHON = (signal.SIGPIPE, signal.SIGXFSZ)


class NotReady(RuntimeError):
    """The runner ended or spoke otherwise before it was ready."""


def make(description, prepare):
    """description: the nursery's {"start", "command", "environment", "reservesAddressSpace"}.
    prepare: called for a forked program, returns the runner's module."""
    if description["start"] == "fork":
        return Forked(prepare())
    kind = Parked if description["start"] == "park" else Command
    return kind(description)


def _place(descriptors):
    """Gives each descriptor its number and closes all others. descriptors: number -> descriptor."""
    moved = {number: fcntl.fcntl(descriptor, fcntl.F_DUPFD, _FIRST_FREE) for number, descriptor in descriptors.items()}
    os.closerange(3, _FIRST_FREE)
    for number, descriptor in moved.items():
        os.dup2(descriptor, number)
    os.closerange(_FIRST_FREE, 1 << 20)


def _say_why(descriptor, error):
    """The reason must reach the warden, whatever it is."""
    os.write(descriptor, f"{type(error).__name__}: {error}".encode()[:200])
    os._exit(70)


def _execute(command, environment):
    """Becomes the command. Raises OSError when it cannot be started."""
    os.chdir(WORKSPACE)
    for number in _IGNORED_BY_PYTHON:  # what is ignored stays ignored in the new program
        signal.signal(number, signal.SIG_DFL)
    os.execve(command[0], command, environment)


def _owned_pipe(uid):
    """A pipe whose ends the program can open again by their names in /dev/fd."""
    ends = os.pipe2(os.O_CLOEXEC)
    for end in ends:
        os.fchown(end, uid, uid)
    return ends


class Forked:
    has_job_folder = False
    reserves_address_space = False

    def __init__(self, runner):
        self.runner = runner

    def connect(self, uid, _watched_input):
        return _SocketLink(self._begin, self.runner.park)

    def _begin(self, task):
        self.runner.run(json.loads(task), CHANNEL)


class Command:
    has_job_folder = True

    def __init__(self, description):
        self.reserves_address_space = description["reservesAddressSpace"]

    def connect(self, uid, _watched_input):
        return _SocketLink(_become_command, None, _owned_pipe(uid))


def _become_command(task):
    task = json.loads(task)
    os.close(CHANNEL)
    try:
        _execute(task["command"], task["environment"])
    except OSError as error:
        os.write(2, f"{task['command'][0]}: cannot be started: {error.strerror}\n".encode())
        os._exit(127 if isinstance(error, FileNotFoundError) else 126)


class Parked:
    has_job_folder = True

    def __init__(self, description):
        self.reserves_address_space = description["reservesAddressSpace"]
        self._command = description["command"]
        self._environment = description["environment"]

    def connect(self, uid, watched_input):
        return _PipeLink(uid, self._command, self._environment, watched_input)


class _SocketLink:
    """A socket to a runner that is a copy of this interpreter. It carries the task and the descriptor of standard
    input to the runner, and the runner's messages back unless there is a pipe for them."""

    feed = None

    def __init__(self, begin, park, messages=None):
        self._begin = begin
        self._park = park
        self._own, self._runners = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        self._read_end, self._write_end = messages or (None, None)

    @property
    def messages(self):
        return self._own.fileno() if self._read_end is None else self._read_end

    # -- the warden's side ------------------------------------------------------------------------------

    def forked(self):
        self._runners.close()
        if self._write_end is not None:
            os.close(self._write_end)

    def ready(self):
        answer = self._own.recv(200)
        if answer != b"R":
            raise NotReady(answer.decode(errors="replace"))

    def hand_over(self, task, standard_input):
        """task: bytes of a JSON object; standard_input: a descriptor, which stays the caller's."""
        rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, _DESCRIPTOR.pack(standard_input))
        self._own.sendmsg([_TASK_LENGTH.pack(len(task))], [rights])
        self._own.sendall(task)

    # -- the runner's side ------------------------------------------------------------------------------

    def become(self, stdout, stderr, lock_down, rehearse):
        places = {1: stdout, 2: stderr, CHANNEL: self._runners.detach()}
        if self._write_end is not None:
            places[MESSAGES] = self._write_end
        _place(places)
        try:
            lock_down()
            if rehearse and self._park is not None:
                self._park()
        except BaseException as error:
            _say_why(CHANNEL, error)
        os.set_inheritable(CHANNEL, False)
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, CHANNEL)
        connection.send(b"R")
        try:
            task = self._receive(connection)
            connection.detach()
        except OSError:
            os._exit(70)
        self._begin(task)
        os._exit(70)

    @staticmethod
    def _receive(connection):
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
        return bytes(task)


class _PipeLink:
    """Pipes to an interpreter of any language, because few of them can receive a descriptor: one fills its standard
    input, one starts it, one brings its messages. A watched input takes the place of the first from the beginning."""

    def __init__(self, uid, command, environment, watched_input):
        self._command = command
        self._environment = environment
        self.feed = None
        if watched_input is None:
            self._stdin, self._stdin_end = _owned_pipe(uid)
        else:
            self._stdin, self._stdin_end = os.dup(watched_input.descriptor), None
        self._start, self._start_end = _owned_pipe(uid)
        self.messages, self._messages_end = _owned_pipe(uid)

    # -- the warden's side ------------------------------------------------------------------------------

    def forked(self):
        for descriptor in (self._stdin, self._start, self._messages_end):
            os.close(descriptor)

    def ready(self):
        head = _read_exactly(self.messages, _MESSAGE_LENGTH.size)
        body = _read_exactly(self.messages, min(200, _MESSAGE_LENGTH.unpack(head)[0]) if len(head) == 4 else 0)
        try:
            if json.loads(body) == _PARKED:
                return
        except ValueError:
            pass
        raise NotReady(f"the parked interpreter did not come up: {(head + body)[:200].decode(errors='replace')}")

    def hand_over(self, _task, standard_input):
        """The task itself lies in the job folder. standard_input: a descriptor, which stays the caller's."""
        if self._stdin_end is not None:
            self.feed = Feed(os.dup(standard_input), self._stdin_end)
            self.feed.pump()
        os.write(self._start_end, b"\n")
        os.close(self._start_end)

    # -- the runner's side ------------------------------------------------------------------------------

    def become(self, stdout, stderr, lock_down, _rehearse):
        _place({0: self._stdin, 1: stdout, 2: stderr, CHANNEL: self._start, MESSAGES: self._messages_end})
        try:
            lock_down()
            _execute(self._command, self._environment)
        except BaseException as error:
            _say_why(MESSAGES, error)


def _read_exactly(descriptor, size):
    """`size` bytes, or what there is before the end."""
    data = b""
    while len(data) < size:
        part = os.read(descriptor, size - len(data))
        if not part:
            break
        data += part
    return data


class Feed:
    """Fills the pipe of a program's standard input from a file, as far as the program reads it."""

    _PART = 1 << 16

    def __init__(self, source, target):
        self._source = source
        self.target = target
        os.set_blocking(target, False)

    def pump(self):
        """Writes what the pipe takes; at the end of the file, or when nobody reads any more, closes both."""
        while self.target is not None:
            try:
                sent = os.sendfile(self.target, self._source, None, self._PART)
            except BlockingIOError:
                return
            except OSError:
                sent = 0
            if sent == 0:
                self.close()

    def close(self):
        if self.target is not None:
            os.close(self.target)
            os.close(self._source)
            self.target = None


def write_job_file(name, content, owner):
    """Writes a file of the job folder, which belongs to the program's user."""
    descriptor = os.open(f"{JOB}/{name}", os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        view = memoryview(content)
        while view:
            view = view[os.write(descriptor, view):]
        os.fchown(descriptor, owner, owner)
    finally:
        os.close(descriptor)
