# The life of the program's process: from the task to the last message.
#
# State: `run`, one for the process. `start` makes it; the notes that R takes while the program runs change it; `finish`
# reads it when R ends.

run <- NULL

# Prepares R, says so, waits for the task, and has the console run the program. `job`: the folder of the task and of the
# file that the console reads.
start <- function(job, warm) {
  rehearse()
  link_font_cache(file.path(warm, "fontconfig"))
  run <<- new_run()
  hide_source_references()
  notice_quit(function() run$quitting <- TRUE)
  options(keep.source = TRUE, device = open_page_device)
  reg.finalizer(run, finish, onexit = TRUE)
  addTaskCallback(note_expression, name = "glovebox")
  globalCallingHandlers(error = note_error)
  send_message('{"type":"parked"}')
  become_program(wait_for_task(job))
  append_program(file.path(job, "console.R"))
}

# What a run does for the first time takes several times longer: functions of R's packages are read from disk when they
# are first called, and memory is touched. The compiler is what R loads when a function is called for the second time
# or a loop begins; that would take the program 0.07 s, and costs 11 MB here.
rehearse <- function() {
  compiler::cmpfun(function(x) {
    for (i in seq_along(x)) if (x[i] > 1 && is.numeric(x)) x[[i]] <- sum(x$a, -1) else break
    while (TRUE) return(vapply(x, function(y) y + 1, 0))
    switch(x, a = 1, 2)
  })
  variables <- as.list(Sys.getenv())
  environment <- json_object(names(variables), cells(unlist(variables)))
  members <- json_members(paste0('{"entry":"x","data":{"a":[1,true,null]},"env":', environment, "}"))
  set_environment(read_json(members$env))
  read_json(members$data)
}

new_run <- function() {
  run <- new.env(parent = emptyenv())
  run$expressions <- -1L # how many the console has run; the first is the one that called the runner
  run$visible <- FALSE # the value of the last one
  run$quitting <- FALSE
  run$failure <- NULL # what `note_error` noted of the last error
  run$error_text <- geterrmessage() # what R printed of the last error before the present expression
  run
}

become_program <- function(members) {
  # The parameters and the data are read when the program asks for them.
  small <- members[c("entry", "args", "env", "uploadedFiles", "returnVariables", "jobId", "workspace")]
  task <- read_json(paste0("{", paste0('"', names(small), '":', unlist(small), collapse = ","), "}"))
  set_environment(task$env)
  run$process <- Sys.getpid()
  run$variables <- as.character(unlist(task$returnVariables))
  name <- relative_name(task$entry, NULL, task$workspace)
  run$program <- list(path = task$entry, workspace = task$workspace, name = name)
  set_arguments(run$program$name, as.character(unlist(task$args)))
  attach_helpers(task, members)
}

set_environment <- function(variables) {
  names <- names(variables)
  values <- as.character(unlist(variables))
  before <- Sys.getenv(names, NA)
  changed <- names[is.na(before) | before != values]
  do.call(Sys.setenv, structure(as.list(values), names = names))
  if (any(grepl("^(LANG|LC_.*)$", changed))) Sys.setlocale("LC_ALL", "")
  if (any(c("R_LIBS", "R_LIBS_USER") %in% changed)) {
    .libPaths(unlist(strsplit(Sys.getenv(c("R_LIBS", "R_LIBS_USER")), ":", fixed = TRUE)))
  }
}

note_expression <- function(expression, value, succeeded, visible) {
  # For an expression that failed, after which the program goes on, R does not call this.
  if (!is.null(run$failure)) run$expressions <- run$failure$expression
  run$expressions <- run$expressions + 1L
  run$visible <- visible
  run$failure <- NULL # it was not the end
  run$error_text <- geterrmessage()
  send_finished_pages()
  TRUE
}

# Whether this is the process that the program was started in, and not one that it forked.
is_program_itself <- function() identical(run$process, Sys.getpid())

finish <- function(...) {
  if (!is_program_itself()) return()
  # R tells handlers nothing of an error that left no stack to run them on.
  unnoted <- is.null(run$failure) && !run$quitting && geterrmessage() != run$error_text
  if (unnoted) run$failure <- list(condition = printed_error(geterrmessage()), expression = run$expressions + 1L)
  if (!is.null(run$failure)) send_failure(c(run$failure, text = geterrmessage()), run$program)
  tryCatch(send_last_pages(), error = function(e) send_warning("plots were lost: ", conditionMessage(e)))
  if (is.null(run$failure) && run$visible && !run$quitting) send_last_value(get(".Last.value", baseenv()))
  send_variables(run$variables)
}

send_last_value <- function(value) {
  if (is.null(value)) return()
  send_value("value", value, "the value of the last expression")
  if (is.data.frame(value)) send_display(value)
}

send_variables <- function(names) {
  if (length(names) == 0L) return()
  there <- vapply(names, exists, TRUE, envir = globalenv(), inherits = FALSE)
  for (name in names[!there]) send_warning("returnVariables: the program has no variable '", name, "'")
  values <- lapply(names[there], function(name) tryCatch(get(name, globalenv()), error = function(e) e))
  converted <- lapply(values, faithful)
  complete <- vapply(converted, function(each) each$complete, TRUE)
  for (name in names[there][!complete]) {
    send_warning("returnVariables: '", name, "' is too large; only a description of it was kept")
  }
  texts <- vapply(converted, function(each) each$json, "")
  if (!send_variable_texts(names[there], texts)) {
    send_warning("returnVariables: together too large for one message; only descriptions were kept")
    send_variable_texts(names[there], vapply(values, outline, ""))
  }
}

send_variable_texts <- function(names, texts) {
  send_message(paste0('{"type":"variables","variables":', json_object(names, texts), "}"))
}

wait_for_task <- function(job) {
  signal <- file("/dev/fd/3", "rb", raw = TRUE)
  started <- length(readBin(signal, "raw", 1L)) > 0L
  close(signal)
  if (!started) quit("no")
  path <- file.path(job, "task.json")
  task <- json_members(read_text(path))
  unlink(path)
  task
}

# Gives the console the program to read.
append_program <- function(console) {
  if (!file.append(console, run$program$path)) {
    text <- paste0("cannot open file '", run$program$name, "'")
    printed <- paste0("Fatal error: ", text, ": No such file or directory\n")
    cat(printed, file = stderr())
    failure <- list(condition = simpleError(text), text = printed)
    send_message(paste0('{"type":"error","error":', describe_briefly(failure), "}"))
    quit("no", status = 2L)
  }
  unlink(console)
}

