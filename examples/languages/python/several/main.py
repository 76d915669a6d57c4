# A program of several files: the other one holds a function that this one calls.
from tools.twice import twice

print("twice 21 is", twice(21))
