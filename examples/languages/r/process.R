# What a program is given and what it leaves: arguments, environment, folder, input, two outputs, exit status.
line <- readLines("stdin", n = 1)
writeLines(c(paste(commandArgs(trailingOnly = TRUE), collapse = "|"), Sys.getenv("GREETING"), getwd(), line))
message("to stderr")
Sys.sleep(0.3)
cat("end\n")
quit(status = 7)
