# Uses CPU time and never ends.
count = 0
while True:
    count += 1
