"""Gives matplotlib our backend, a second font and a ready font list, whenever it is imported.

Theory of operation. matplotlib takes its backend from MPLBACKEND, but that variable is
inherited by the processes a program starts, and those cannot import our backend. So the
program's environment says `agg`, and a finder on `sys.meta_path` sets the backend of this
process right after `matplotlib` was imported. The same finder supplies the backend module
from source text kept in memory, since the runners folder is off `sys.path` by then.

matplotlib's own font has no Chinese, Japanese or Korean characters. Where the host has one that has, it is the second
family of text, from which matplotlib (3.6 and later) takes what the first one lacks.

Without its font list matplotlib scans all fonts (about 0.25 s). GLOVEBOX_MPL_CACHE names a
folder with `fontlist-*.json`; it is read once in the nursery, and the files are put into
matplotlib's own cache folder where they are missing.
"""
import os
import sys
from importlib.machinery import ModuleSpec, PathFinder

BACKEND_MODULE = "glovebox_matplotlib"
BACKEND = "module://" + BACKEND_MODULE

# Families with the characters of all three languages, and the file of each in Debian; the first that is there is taken.
_SECOND_FONTS = (
    ("Noto Sans CJK JP", "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"),
    ("WenQuanYi Micro Hei", "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"),
    ("WenQuanYi Zen Hei", "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc"),
    ("Droid Sans Fallback", "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf"),
)
_SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "matplotlib_backend.py")
_font_lists = {}
_wanted = True


def install():
    """Called in the nursery, before matplotlib is imported."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        source = __loader__.get_data(_SOURCE)  # a file, or a part of the nursery's archive
        sys.meta_path.insert(0, _Finder(compile(source, _SOURCE, "exec")))
    folder = os.environ.get("GLOVEBOX_MPL_CACHE")
    if folder and os.path.isdir(folder):
        for name in os.listdir(folder):
            if name.startswith("fontlist-") and name.endswith(".json"):
                with open(os.path.join(folder, name), "rb") as file:
                    _font_lists[name] = file.read()


def claim_backend(environment):
    """The environment for the program: MPLBACKEND naming our backend becomes `agg`. Another
    value is the program's own choice and switches ours off."""
    global _wanted
    named = environment.get("MPLBACKEND")
    _wanted = named in (None, "", BACKEND)
    matplotlib = sys.modules.get("matplotlib")
    if matplotlib is not None and not _wanted:
        try:
            matplotlib.rcParams["backend"] = named
        except ValueError:  # matplotlib itself says so at the first figure
            pass
    return {**environment, "MPLBACKEND": "agg"} if named == BACKEND else environment


def emit_open_figures():
    """Send the figures that are still open; nothing if pyplot was never imported."""
    helpers = sys.modules.get("matplotlib._pylab_helpers")
    if helpers is not None and helpers.Gcf.figs:
        from importlib import import_module

        import_module(BACKEND_MODULE).emit_open_figures()


class _Finder:
    def __init__(self, code):
        self._code = code

    def find_spec(self, name, path=None, target=None):
        if name == BACKEND_MODULE:
            return ModuleSpec(name, _BackendLoader(self._code))
        if name != "matplotlib" or path is not None:
            return None
        spec = PathFinder.find_spec(name)
        if spec is not None and spec.loader is not None:
            spec.loader = _MatplotlibLoader(spec.loader)
        return spec


class _BackendLoader:
    def __init__(self, code):
        self._code = code

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        exec(self._code, module.__dict__)


class _MatplotlibLoader:
    """Runs matplotlib's own loader, puts it back in place, then sets up what was imported."""

    def __init__(self, loader):
        self._loader = loader

    def create_module(self, spec):
        return self._loader.create_module(spec)

    def exec_module(self, module):
        module.__loader__ = module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        try:
            if _wanted:
                module.rcParams["backend"] = BACKEND
            add_second_font(module.rcParams)
            _supply_font_lists(module.get_cachedir())
        except Exception:  # without them matplotlib works all the same
            pass


def add_second_font(settings, fonts=_SECOND_FONTS):
    """settings: rcParams. fonts: pairs of a family and its file."""
    family = next((name for name, file in fonts if os.path.exists(file)), None)
    if family is not None and family not in settings["font.family"]:
        settings["font.family"] = [*settings["font.family"], family]


def _supply_font_lists(folder):
    for name, content in _font_lists.items():
        target = os.path.join(folder, name)
        if not os.path.exists(target):
            part = f"{target}.{os.getpid()}"  # another process of the program may read the list meanwhile
            with open(part, "wb") as file:
                file.write(content)
            os.replace(part, target)
