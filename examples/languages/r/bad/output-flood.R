# Prints without end.
repeat cat(strrep("x", 79), "\n")
