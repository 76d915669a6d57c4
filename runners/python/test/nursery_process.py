"""A small nursery for the tests: prepares, then forks one child for each task line on stdin.

Started as `python -I nursery_process.py PRELOAD...`. Answers each line of JSON with one:
{status, stdout, stderr, messages, announced} where status is that of os.waitstatus_to_exitcode. The
first line it writes is the list of warnings of `prepare`.
"""
import gc
import json
import os
import sys
import traceback

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))

from python import runner
from testing.frames import read_frames
from testing.pipes import drain


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
    texts = {name: bytearray() for name in pipes}
    drain({name: pipe[0] for name, pipe in pipes.items() if name not in ("stdin", *deaf)}, texts, "the program")
    messages, announced = read_frames(bytes(texts["channel"]))
    return {
        "status": os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]),
        "stdout": texts["stdout"].decode("utf-8", "backslashreplace"),
        "stderr": texts["stderr"].decode("utf-8", "backslashreplace"),
        "messages": messages,
        "announced": announced,
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


if __name__ == "__main__":
    main()
