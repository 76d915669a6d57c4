# Parses the file that is the first argument and says what is wrong with it.
path <- commandArgs(trailingOnly = TRUE)[1L]
problem <- tryCatch({
  parse(path, keep.source = FALSE, encoding = "UTF-8")
  NULL
}, error = conditionMessage)
if (!is.null(problem)) {
  writeLines(sub(paste0(getwd(), "/"), "", problem, fixed = TRUE), stderr())
  quit(status = 1L)
}
