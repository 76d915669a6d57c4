# Uses CPU time and never ends.
count <- 0
repeat count <- count + 1
