# Calls itself without end; the interpreter raises an error.
depth <- function(level) {
  1 + depth(level + 1)
}

print(depth(1))
