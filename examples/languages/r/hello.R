# The shortest program.
cat("Hello from R\n")
