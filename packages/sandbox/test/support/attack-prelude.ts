/**
 * What every attack program begins with, in a sandbox and on the host alike: system calls by name, trials
 * in a process of their own, and a report of what happened as lines of JSON.
 */
export const prelude = `
import ctypes, errno, json, os, signal, socket, struct, sys, time
target = json.loads(os.environ.get("TARGET", "{}"))
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
_numbers = ctypes.CDLL("libseccomp.so.2")
found = {}

def report(**what):
    os.write(1, json.dumps(what).encode() + b"\\n")

def said(number):
    return errno.errorcode.get(number, str(number))

def number_of(name):
    number = _numbers.seccomp_syscall_resolve_name(name.encode())
    assert number >= 0, name
    return number

def syscall(name, *arguments):
    """The result of a system call; raises OSError."""
    ctypes.set_errno(0)
    number = name if isinstance(name, int) else number_of(name)
    wide = [ctypes.c_long(part) if isinstance(part, int) else part for part in arguments]
    result = libc.syscall(ctypes.c_long(number), *wide)
    if result < 0:
        raise OSError(ctypes.get_errno(), str(name))
    return result

def outcome(action):
    """What came of an action: its result, "ok" for none or 0, or the name of its error."""
    try:
        result = action()
        return "ok" if result is None or result == 0 else result
    except OSError as error:
        return said(error.errno)

def trial(name, action):
    """Notes what came of an action that is done in a child; "SIGSYS" when the child was killed by it."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writer, json.dumps(outcome(action)).encode())
        except BaseException as error:
            os.write(writer, json.dumps(repr(error)).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        said_by_child = stream.read()
    status = os.waitpid(child, 0)[1]
    found[name] = signal.Signals(os.WTERMSIG(status)).name if os.WIFSIGNALED(status) else json.loads(said_by_child or b'"nothing"')

def finish():
    report(**found)
`;
