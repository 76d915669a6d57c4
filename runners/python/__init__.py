"""The Python runner: runs one program in an interpreter that was forked for it.

`python.runner` is the only module other packages use. See its docstring for the
life of a run; each of the other modules holds one concern of it.
"""
