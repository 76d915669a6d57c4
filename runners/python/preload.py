"""What the nursery does once, so that no run has to: imports, and a first use of what is
slow at its first use.

Threads cannot be forked, so none may exist afterwards: the BLAS libraries are told
to work with one.
"""
import gc
import io
import os
import sys
import tempfile
import threading
import time
import warnings as python_warnings
from importlib import import_module

from . import matplotlib_hook

# Together 0.4 s and 35 MB on top of pandas; scipy itself imports none of them.
SUBMODULES = {
    "matplotlib": ("pyplot",),
    "scipy": (
        "cluster.hierarchy", "fft", "integrate", "interpolate", "io", "linalg", "ndimage",
        "optimize", "signal", "sparse.linalg", "spatial", "special", "stats",
    ),
}
ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
PLOTTING = ("matplotlib", "seaborn")
# The folder the sandbox gives matplotlib; the path is remembered at import.
MATPLOTLIB_FOLDER = "/tmp/matplotlib"


def preload(names):
    """Import the modules. Returns a warning for each that failed, and for threads left."""
    for name in ONE_THREAD:
        os.environ[name] = "1"
    matplotlib_hook.install()
    warnings = []
    for name in names:
        if name.partition(".")[0] in PLOTTING and not _has_matplotlib_folder():
            # Imported without one, it would fail in every run too.
            warnings.append(f"preload of {name} skipped: give the nursery a /tmp or an MPLCONFIGDIR to write to")
            continue
        failed = _import(name)
        for part in () if failed else SUBMODULES.get(name, ()):
            failed += _import(f"{name}.{part}")
        warnings += failed
    warnings += _try("first use of pandas", _use_pandas) if "pandas" in sys.modules else []
    warnings += _try("first use of matplotlib", _use_matplotlib) if "matplotlib.pyplot" in sys.modules else []
    return warnings + _threads_left()


def _import(name):
    failed = _try(f"preload of {name}", lambda: import_module(name))
    if failed:
        # A package whose import failed leaves modules that a second import would take for whole.
        for module in list(sys.modules):
            if module.partition(".")[0] not in sys.modules:
                del sys.modules[module]
    return failed


def _try(what, action):
    try:
        with python_warnings.catch_warnings():
            python_warnings.simplefilter("ignore")
            action()
        return []
    except BaseException as error:
        return [f"{what} failed: {type(error).__name__}: {error}"]


def _has_temporary_folder():
    try:
        return bool(tempfile.gettempdir())
    except OSError:
        return False


def _has_matplotlib_folder():
    """Choose the folder that matplotlib writes to while it is imported. It remembers the path,
    so best is one that the sandboxes have too. False if there is none."""
    candidates = [os.environ.get("MPLCONFIGDIR") or MATPLOTLIB_FOLDER, MATPLOTLIB_FOLDER]
    if _has_temporary_folder():
        candidates.append(os.path.join(tempfile.gettempdir(), "matplotlib"))
    for folder in candidates:
        try:
            os.makedirs(folder, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            os.environ["MPLCONFIGDIR"] = folder
            return True
    return False


def _use_pandas():
    pandas = sys.modules["pandas"]
    frame = pandas.read_csv(io.StringIO("a,b\n1,x\n2,y\n"))
    frame._repr_html_(), repr(frame), frame.to_csv(), frame.describe(), frame.groupby("b").sum(numeric_only=True)
    if "openpyxl" in sys.modules and _has_temporary_folder():
        buffer = io.BytesIO()
        frame.to_excel(buffer)
        pandas.read_excel(buffer)


def _use_matplotlib():
    # The first picture of a run takes about 110 ms after this, 160 to 240 ms without.
    pyplot = sys.modules["matplotlib.pyplot"]
    pyplot.switch_backend(matplotlib_hook.BACKEND)
    figure = pyplot.figure()
    figure.subplots().plot([1, 2], label="a")
    figure.legend()
    figure.savefig(io.BytesIO(), format="png", bbox_inches="tight")
    pyplot.close(figure)
    del figure
    # Cached fonts keep their files open, and a descriptor must not pass into a sandbox.
    forget = getattr(getattr(sys.modules["matplotlib.font_manager"], "_get_font", None), "cache_clear", None)
    if forget is not None:
        forget()
    gc.collect()


def _threads_left():
    # matplotlib's font search leaves a cancelled timer that needs a moment to end: a second of looks and not of the
    # clock, which goes on while a busy machine lets nobody run.
    for _ in range(200):
        if threading.active_count() == 1 and _tasks() <= 1:
            break
        time.sleep(0.005)
    names = [thread.name for thread in threading.enumerate() if thread is not threading.main_thread()]
    if names or _tasks() > 1:
        return [f"threads are left after preloading and will be missing in every run: {names or _tasks() - 1}"]
    return []


def _tasks():
    try:
        return len(os.listdir("/proc/self/task"))
    except OSError:
        return threading.active_count()
