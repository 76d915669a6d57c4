"""A virtual environment that the operator names with --toolchain: programs see its packages.

As in an interpreter of that environment, its site-packages stand in sys.path in place of the host's packages, which
follow only if it was made with --system-site-packages. Files with the ending .pth are not read: they run code, here
before any sandbox is locked down.

Started as a program with a folder, it says on stderr why that one cannot be used, and ends with 1.
"""
import os
import sys

_PACKAGES = ("dist-packages", "site-packages")


def read(folder):
    """(folder of its packages, whether the host's follow). Raises ValueError with the reason why it cannot be used."""
    with open(os.path.join(folder, "pyvenv.cfg"), encoding="utf-8") as file:
        lines = [line.partition("=") for line in file]
    settings = {name.strip().lower(): value.strip() for name, _, value in lines}
    version = settings.get("version") or settings.get("version_info") or "unknown"
    own = sys.version_info
    if version.split(".")[:2] != [str(own.major), str(own.minor)]:
        raise ValueError(
            f"is a virtual environment of Python {version}, and Python programs run in {sys.executable}, which is "
            f"{own.major}.{own.minor}.{own.micro}; make one with '{sys.executable} -m venv FOLDER'"
        )
    packages = os.path.join(folder, "lib", f"python{own.major}.{own.minor}", "site-packages")
    if not os.path.isdir(packages):
        raise ValueError(f"has no folder {packages}; make it anew with '{sys.executable} -m venv {folder}'")
    return packages, settings.get("include-system-site-packages", "").lower() == "true"


def enter(folder):
    """Make this interpreter one of the environment. Raises as `read`."""
    packages, with_hosts = read(folder)
    path = sys.path
    first = next((place for place, entry in enumerate(path) if os.path.basename(entry) in _PACKAGES), len(path))
    path[first:] = [packages, *(path[first:] if with_hosts else ())]
    sys.prefix = sys.exec_prefix = folder
    interpreter = os.path.join(folder, "bin", "python3")
    if os.access(interpreter, os.X_OK):  # a link to one that sandboxes do not see leads nowhere
        sys.executable = interpreter


if __name__ == "__main__":
    try:
        read(sys.argv[1])
    except (OSError, ValueError) as error:
        sys.exit(str(error))
