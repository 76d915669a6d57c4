# A program of several files: the other one holds a function that this one calls.
source("tools/twice.R")

cat("twice 21 is", twice(21))
cat("\n")
