# What makes a parked R look like the `Rscript` that would run the program: functions of R itself that would tell the
# program about the way it was started.

replace_in_base <- function(name, replacement) {
  base <- baseenv()
  unlockBinding(name, base)
  assign(name, replacement, base)
  lockBinding(name, base)
}

# The arguments of this process are those of the parked R.
set_arguments <- function(entry, args) {
  all <- c(base::commandArgs()[1L], "--no-echo", "--no-restore", paste0("--file=", entry))
  if (length(args) > 0L) all <- c(all, "--args", args)
  replace_in_base("commandArgs", function(trailingOnly = FALSE) {
    if (!trailingOnly) return(all)
    m <- match("--args", all, 0L)
    if (m) all[-seq_len(m)] else character()
  })
}

# The place of an error is known from the source references that functions keep. Rscript keeps none, so functions are
# printed and shown without them.
hide_source_references <- function() {
  replace_in_base("print.function", function(x, useSource = FALSE, ...) print.default(x, useSource = useSource, ...))
  plain_str <- get("str.default", asNamespace("utils"))
  str_function <- function(object, ...) plain_str(`attr<-`(object, "srcref", NULL), ...)
  registerS3method("str", "function", str_function, envir = asNamespace("utils"))
}

# Calls `notice` when the program asks for its end, which has no value then.
notice_quit <- function(notice) {
  quit <- function(save = "default", status = 0, runLast = TRUE) {
    notice()
    .Internal(quit(save, status, runLast))
  }
  replace_in_base("quit", quit)
  replace_in_base("q", quit)
}
