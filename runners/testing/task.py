"""The task of a program that was parked for."""
import json
import os


def new_task(workspace, **fields):
    """A task with everything that a runner expects; `fields` are those that matter to a test."""
    context = {"execution_id": "job-1", "session": None, "cycle": None, "metadata": {}, "capabilities": []}
    return {
        "entry": None, "args": [], "env": {}, "parameters": {}, "data": None, "uploadedFiles": [],
        "returnVariables": [], "jobId": "job-1", "context": {**context, "job_id": "job-1"}, "workspace": workspace,
        **fields,
    }


def write_task(job, task, form):
    """Puts a task where the runner looks for it, in the form that the manifest asks for."""
    with open(os.path.join(job, f"task.{form}"), "wb") as file:
        file.write(_as_words(task) if form == "words" else json.dumps(task, ensure_ascii=False).encode())


def _as_words(task):
    variables = (f"{name}={value}" for name, value in task["env"].items())
    words = [task["entry"], str(len(task["args"])), *task["args"], *variables]
    return b"".join(os.fsencode(word) + b"\0" for word in words)
