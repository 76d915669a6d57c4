# A syntax error: line 4 closes a bracket that was never opened.
readings = [3, 5, 8, 13]

total = readings.sum)
puts total
