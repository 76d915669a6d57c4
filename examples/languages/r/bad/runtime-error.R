# An uncaught error in a function, line 4, that the top level calls.
average <- function(readings) {
  if (length(readings) == 0) {
    stop("no readings")
  }
  sum(readings) / length(readings)
}

average(c())
