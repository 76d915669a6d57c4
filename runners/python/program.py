"""The program as Python code: its source, its `__main__` module, its last expression.

The value of a program is that of its last statement, if that is an expression. It
is found by turning the statement into an assignment to a name that no program can
spell, so that the whole program stays one code object with one `<module>` frame.
"""
import ast
import os
import sys
import tokenize
from importlib.machinery import BuiltinImporter, SourceFileLoader
from types import ModuleType

CODE_FILENAME = "main.py"
_VALUE = "<value>"


class Program:
    """One program. `filename` is what tracebacks show: CODE_FILENAME for inline code, the
    entry as the caller gave it otherwise."""

    def __init__(self, task):
        self.filename = CODE_FILENAME if task.get("code") is not None else task.get("entry") or CODE_FILENAME
        self.path = None
        self.last_line = 1  # where the last statement begins; known when it is compiled
        self._source = task.get("code") or ""
        if task.get("code") is None and task.get("entry"):
            self.path = os.path.abspath(self.filename)
            with open(self.path, "rb") as file:
                self._source = file.read()

    @property
    def folder(self):
        """What the program's sys.path begins with."""
        return os.path.dirname(self.path) if self.path else os.getcwd()

    def add_to(self, sources):
        """Make the source known to `errors.Sources`."""
        raw = self._source if self.path else self._source.encode("utf-8", "replace")
        encoding = _encoding(raw)
        text = raw.decode(encoding, "replace") if self.path else self._source
        sources.add(self.filename, text, raw if self.path else text.encode(encoding, "replace"))

    def compile(self):
        """The code object. Raises what `compile` raises for the program's mistakes."""
        try:
            tree = compile(self._source, self.filename, "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
        except (RecursionError, MemoryError):
            # The tree as Python objects nests less deeply than the compiler's own.
            return compile(self._source, self.filename, "exec", dont_inherit=True)
        if tree.body:
            self.last_line = tree.body[-1].lineno
        if tree.body and type(tree.body[-1]) is ast.Expr:
            last = tree.body[-1]
            target = ast.copy_location(ast.Name(_VALUE, ast.Store()), last)
            tree.body[-1] = ast.copy_location(ast.Assign([target], last.value), last)
        return compile(tree, self.filename, "exec", dont_inherit=True)

    def main_module(self):
        """A fresh module `__main__` as the interpreter makes it, placed in sys.modules."""
        module = ModuleType("__main__")
        namespace = module.__dict__
        namespace.update(__builtins__=sys.modules["builtins"], __annotations__={})
        if self.path:
            namespace.update(
                __file__=self.path, __cached__=None, __loader__=SourceFileLoader("__main__", self.path)
            )
        else:
            namespace["__loader__"] = BuiltinImporter
        sys.modules["__main__"] = module
        return module


def run_code(code, namespace):
    """Execute in the namespace and return the value, None without one."""
    exec(code, namespace)
    return namespace.pop(_VALUE, None)


def _encoding(raw):
    lines = iter(raw[:4096].splitlines(keepends=True))
    try:
        return tokenize.detect_encoding(lambda: next(lines, b""))[0]
    except (LookupError, SyntaxError):
        return "utf-8"
