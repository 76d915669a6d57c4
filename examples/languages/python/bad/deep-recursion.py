# Calls itself without end; the interpreter raises RecursionError, at line 3.
def depth(level):
    return 1 + depth(level + 1)


print(depth(1))
