"""The life of a warden: set up, park, serve one lease, end. It serves one lease and no second one.

Its end is the end of the sandbox: it is process 1 of the sandbox's namespaces, so the kernel kills and
removes with it whatever could be left.
"""

import json
import os
import select
import socket
import time
import traceback

from . import artifacts, frames, inputs, mounts, results
from .programs import write_job_file
from .rehearsal import rehearse
from .sandbox import Sandbox
from .supervise import Supervisor


def live(setting, request):
    """Never returns. request: {"id", "uid", "cgroups", "rehearse"} of the nursery's command."""
    status = 0
    connection = None
    try:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.connect(setting.socket_path)
        box = Sandbox(setting, request["uid"], request["cgroups"], request["rehearse"])
        if request["rehearse"]:
            rehearse(box, connection, setting.ceiling)
        connection.sendall(frames.encode(frames.PARKED, b'{"id":"%s"}' % request["id"].encode()))
        _serve(connection, box)
    except frames.ConnectionLost:
        pass
    except BaseException as error:  # a fault of ours: say so, whatever it is, and end the sandbox
        status = 70
        trace = traceback.format_exc()
        try:
            connection.setblocking(True)
            message = f"{type(error).__name__}: {error}"
            connection.sendall(frames.encode(frames.FAULT, {"message": message[:2000], "trace": trace[-8000:]}))
        except OSError:
            pass
        os.write(2, f"warden: {trace}\n".encode())
    finally:
        os._exit(status)


def _wait_for_lease(connection, runner):
    """Raises ConnectionLost when the runner dies while it is parked: a machine without memory takes it first."""
    poller = select.poll()
    poller.register(connection, select.POLLIN)
    poller.register(runner, select.POLLIN)
    if any(descriptor == runner for descriptor, _ in poller.poll()):
        raise frames.ConnectionLost


def _serve(connection, box):
    _wait_for_lease(connection, box.pidfd)
    kind, payload = frames.read_frame(connection)
    if kind != frames.LEASE:
        raise RuntimeError(f"expected a lease, got frame {kind:#x}")
    received = time.monotonic()
    lease = json.loads(payload)
    box.apply(lease["limits"])
    known = {}
    job = lease["job"]
    staged = [*lease["inputs"], lease["stdin"], *([job["product"]] if job and job["product"] else [])]
    has_staged = any("staged" in source for source in staged)
    if has_staged:
        inputs.show_staged(box.staged)
    for file in lease["inputs"]:
        if "staged" in file:
            inputs.mount_staged(file["name"], file["staged"], box.uid)
        else:
            known[file["name"]] = inputs.write(file["name"], _data(connection, file["size"]), box.uid)
    if job is not None:
        _fill_job_folder(connection, job, box.uid)
    standard_input = _standard_input(connection, lease["stdin"], box.watched_input)
    if has_staged:
        inputs.hide_staged()  # before the runner has its task
    task = _data(connection, lease["taskSize"])

    box.gauge.start()
    supervisor = Supervisor(box, connection, lease)
    box.link.hand_over(task, standard_input)
    os.close(standard_input)
    start_ms = (time.monotonic() - received) * 1000
    supervisor.run()
    supervisor.flush()
    outcome = supervisor.outcome()
    max_bytes = mounts.size_for(lease["limits"]["diskBytes"])
    if job is not None and job["collectProduct"]:
        found = artifacts.Artifacts(mounts.PRODUCT, known, max_bytes, artifacts.MAX_PRODUCT_FILES)
    else:
        if job is not None:
            results.send(connection, supervisor.warnings)
        found = artifacts.Artifacts(mounts.WORKSPACE, known, max_bytes)
    _send_artifacts(connection, found, lease["artifacts"])
    finished = {
        "outcome": outcome,
        "metrics": {**supervisor.measured(), "startMs": round(start_ms, 3)},
        "skipped": found.skipped,
        "notListed": found.not_listed,
        "warnings": supervisor.warnings,
    }
    if box.watched_input is not None:
        finished["stdinRead"] = box.watched_input.was_read()
    connection.sendall(frames.encode(frames.FINISHED, finished))
    # Left open until the host closes it: a cancel that crosses the last frame must not meet a broken connection.
    while connection.recv(65536):
        pass


def _fill_job_folder(connection, job, owner):
    """The files of the job folder, and the product of the compiler: made here or mounted."""
    for file in job["files"]:
        write_job_file(file["name"], _data(connection, file["size"]), owner)
    if job["product"] is not None:
        inputs.mount_folder(mounts.PRODUCT, job["product"]["staged"])
    elif job["collectProduct"]:
        os.mkdir(mounts.PRODUCT, 0o700)
        os.chown(mounts.PRODUCT, owner, owner)


def _data(connection, size):
    """The next `size` bytes of FILE_DATA frames."""
    content = bytearray()
    while len(content) < size:
        kind, payload = frames.read_frame(connection)
        if kind == frames.CANCEL:
            raise frames.ConnectionLost
        if kind != frames.FILE_DATA or len(content) + len(payload) > size:
            raise RuntimeError(f"expected file data, got frame {kind:#x}")
        content += payload
    return bytes(content)


def _standard_input(connection, source, watched):
    if watched is not None:
        watched.begin()
        return os.dup(watched.descriptor)
    if "staged" in source:
        return inputs.open_staged(source["staged"])
    if source["size"] == 0:
        return os.open("/dev/null", os.O_RDONLY | os.O_CLOEXEC)
    return inputs.standard_input(_data(connection, source["size"]))


def _send_artifacts(connection, found, want):
    for path, size, descriptor in found.walk():
        if want == "hash":
            entry = {"path": path, "size": size, "sha256": artifacts.digest(descriptor, size)}
            connection.sendall(frames.encode(frames.ARTIFACT, entry))
        else:
            connection.sendall(frames.encode(frames.ARTIFACT, {"path": path, "size": size}))
            for part in artifacts.chunks(descriptor, size):
                connection.sendall(frames.encode(frames.ARTIFACT_DATA, part))
