"""A small nursery for the tests: prepares, then forks one child for each task line on stdin.

Started as `python -I nursery_process.py PRELOAD...`. Answers each line of JSON with one:
{stdout, stderr, messages, status} where status is that of os.waitstatus_to_exitcode. The
first line it writes is the list of warnings of `prepare`.
"""
import gc
import json
import os
import selectors
import sys
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))

from python import runner


def main():
    descriptors = set(os.listdir("/proc/self/fd"))
    warnings = runner.prepare(sys.argv[1:])
    leaked = sorted(set(os.listdir("/proc/self/fd")) - descriptors)
    gc.disable()
    gc.collect()
    gc.freeze()
    answer({"warnings": warnings, "leaked": leaked, "tasks": len(os.listdir("/proc/self/task"))})
    while line := sys.stdin.buffer.readline():
        answer(run(json.loads(line)))


def answer(value):
    sys.stdout.buffer.write(json.dumps(value).encode() + b"\n")
    sys.stdout.buffer.flush()


def run(order):
    pipes = {name: os.pipe() for name in ("stdin", "stdout", "stderr", "channel")}
    deaf = [name for name, asked in (("stdout", "closeStdout"), ("channel", "closeChannel")) if order.get(asked)]
    for name in deaf:  # before the fork, so that the program cannot be faster
        os.close(pipes[name][0])
    started = time.perf_counter()
    child = os.fork()
    if child == 0:
        try:
            enter_child(order, pipes)
        except BaseException:
            os.write(2, traceback.format_exc().encode())
        finally:
            os._exit(125)
    os.write(pipes["stdin"][1], order.get("stdin", "").encode())
    for name, (reader, writer) in pipes.items():
        os.close(reader if name == "stdin" else writer)
    os.close(pipes["stdin"][1])
    texts = drain({name: pipe[0] for name, pipe in pipes.items() if name not in ("stdin", *deaf)})
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return {
        "seconds": time.perf_counter() - started,
        "stdout": texts.get("stdout", b"").decode("utf-8", "backslashreplace"),
        "stderr": texts["stderr"].decode("utf-8", "backslashreplace"),
        "messages": list(messages(texts.get("channel", b""))),
        "status": status,
    }


def enter_child(order, pipes):
    for number, (name, end) in enumerate((("stdin", 0), ("stdout", 1), ("stderr", 1))):
        os.dup2(pipes[name][end], number)
    channel = os.dup(pipes["channel"][1])
    own = {0, 1, 2, channel}
    for descriptor in {descriptor for pipe in pipes.values() for descriptor in pipe} - own:
        try:
            os.close(descriptor)
        except OSError:  # an end that was closed before the fork
            pass
    if order["parked"]:
        runner.park()
    runner.run(order["task"], channel)


def drain(readers):
    texts = {name: bytearray() for name in readers}
    with selectors.DefaultSelector() as selector:
        for name, reader in readers.items():
            selector.register(reader, selectors.EVENT_READ, name)
        while selector.get_map():
            for key, _ in selector.select():
                chunk = os.read(key.fd, 1 << 16)
                texts[key.data] += chunk
                if not chunk:
                    selector.unregister(key.fd)
                    os.close(key.fd)
    return {name: bytes(text) for name, text in texts.items()}


def messages(stream):
    while stream:
        size = int.from_bytes(stream[:4], "big")
        if size == 0xFFFFFFFF:  # the exit status, which is the last word
            assert len(stream) == 5, stream
            break
        if len(stream) < 4 + size:
            raise ValueError("the last frame is cut")
        yield json.loads(stream[4 : 4 + size])
        stream = stream[4 + size :]


if __name__ == "__main__":
    main()
