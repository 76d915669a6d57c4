# What a program is given and what it leaves: arguments, environment, folder, input, two outputs, exit status.
import os
import sys
import time

print("|".join(sys.argv[1:]), os.environ["GREETING"], os.getcwd(), input(), sep="\n", flush=True)
print("to stderr", file=sys.stderr)
time.sleep(0.3)
print("end")
sys.exit(7)
