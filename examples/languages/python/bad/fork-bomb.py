# Forks without end, and no child ends; an uncaught OSError ends it when the kernel refuses one.
import os
import signal

while True:
    if os.fork() == 0:
        signal.pause()
