# An uncaught exception in a function, line 3, that the top level calls.
def average(readings):
    return sum(readings) / len(readings)


print(average([]))
