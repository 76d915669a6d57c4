# Uses CPU time and never ends.
count = 0
loop { count += 1 }
