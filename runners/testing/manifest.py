"""A language as its manifest describes it."""
import json
import os
import re
import shutil
import unittest

RUNNERS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def _searched():
    """Where programs are looked for: in the operator's toolchains first, then where every system has them."""
    toolchains = [folder for folder in os.environ.get("GLOVEBOX_TOOLCHAINS", "").split(",") if folder]
    own = [place for folder in toolchains for place in (os.path.join(folder, "bin"), folder)]
    return ":".join([*own, "/usr/local/bin", "/usr/bin", "/bin"])


class Language:
    def __init__(self, name):
        self.folder = os.path.join(RUNNERS, name)
        with open(os.path.join(self.folder, "runtime.json"), encoding="utf-8") as file:
            self.manifest = json.load(file)
        self.searched = _searched()
        self.environment = {
            "PATH": self.searched, "LANG": "C.UTF-8", "TERM": "dumb", **self.manifest.get("environment", {}),
        }

    @property
    def main_file(self):
        return self.manifest["mainFile"]

    def tools(self):
        """The paths of the tools by the names of their placeholders."""
        found = {
            name: next(filter(None, (shutil.which(program, path=self.searched) for program in programs)), None)
            for name, programs in self.manifest["tools"].items()
        }
        missing = [" or ".join(self.manifest["tools"][name]) for name, path in found.items() if path is None]
        if missing:
            raise unittest.SkipTest(f"{self.manifest['title']} needs {', '.join(missing)} in {self.searched}")
        return found

    def command(self, name, arguments=(), **places):
        """A command of the manifest with its placeholders filled in, as words."""
        if name not in self.manifest:
            raise AssertionError(f"{self.folder}/runtime.json has no '{name}'")
        template = self.manifest[name]
        return self.fill(template["command"] if isinstance(template, dict) else template, arguments, **places)

    def fill(self, template, arguments=(), options=(), **places):
        values = {**self.tools(), "runner": self.folder, **places}

        def value(match):
            if match[1] not in values:
                raise AssertionError(f"{self.folder}/runtime.json: nothing is given for {match[0]} of {template}")
            return values[match[1]]

        filled = lambda part: re.sub(r"\{([a-z][a-z0-9]*)\}", value, part)
        lists = {"{args}": arguments, "{options}": options}
        return [word for part in template for word in (lists[part] if part in lists else [filled(part)])]
