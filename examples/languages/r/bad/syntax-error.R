# A syntax error: line 4 closes a bracket that was never opened.
readings <- c(3, 5, 8, 13)

total <- sum(readings))
print(total)
