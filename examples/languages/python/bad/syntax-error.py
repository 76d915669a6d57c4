# A syntax error: the bracket of line 4 is never closed.
readings = [3, 5, 8, 13]

total = sum(readings
print(total)
