"""Runs a command as the foreground job of a terminal of its own: the arguments of this script.

Its standard input is what is typed, its standard output what the terminal shows. Ends with the command's status.
"""

import os
import pty
import sys

status = pty.spawn(sys.argv[1:])
sys.exit(os.waitstatus_to_exitcode(status) % 256)
