# What a program can use without loading anything, in an environment `glovebox` on the search path: so `rm(list = ls())`
# does not remove it, and a program that gives one of the names a value of its own hides it.

max_name <- 200L
max_progress_message <- 4000L

# `task`: its small members; `members`: all, as JSON texts.
attach_helpers <- function(task, members) {
  names <- attach(NULL, name = "glovebox", warn.conflicts = FALSE)
  list2env(helper_functions(task$workspace), names)
  names$uploaded_files <- as.character(unlist(task$uploadedFiles))
  names$workspace <- task$workspace
  names$job_id <- task$jobId
  # Not read before the program asks. `data(name)` finds the function still: R looks for one behind what is none.
  delayedAssign("parameters", read_json(members$parameters), assign.env = names)
  delayedAssign("input_data", read_json(members$data), assign.env = names)
  delayedAssign("data", names$input_data, assign.env = names)
}

helper_functions <- function(workspace) {
  save_result <- function(name, value) {
    if (missing(value)) {
      if (missing(name)) stop('argument "value" is missing, with no default')
      value <- name
      name <- "result"
    } else if (missing(name)) {
      name <- "result"
    }
    if (!is.character(name) || length(name) != 1L || is.na(name)) stop("'name' must be one character string")
    if (!grepl("\\S", name) || nchar(name) > max_name || grepl("[[:cntrl:]]", name)) {
      stop("'name' must have 1 to ", max_name, " printable characters")
    }
    send_value("result", value, paste0("result '", name, "'"), name = quote_strings(name))
    invisible(NULL)
  }

  load_csv_file <- function(name, ...) {
    path <- existing_path(name, workspace)
    read_table(path, ",", list(...))
  }

  load_file <- function(name, ...) {
    path <- existing_path(name, workspace)
    read_by_extension(path, list(...))
  }

  save_file <- function(name, content) {
    check_file_name(name)
    path <- path_below(workspace, name)
    if (is.null(path)) stop("'name' must stay below the workspace ", workspace, ", not '", name, "'")
    dir.create(dirname(path), recursive = TRUE, showWarnings = FALSE)
    write_by_extension(path, content)
    invisible(path)
  }

  report_progress <- function(fraction, message = NULL) {
    if (!is.null(fraction)) {
      if (!is.numeric(fraction) || length(fraction) != 1L) stop("'fraction' must be one number or NULL")
      if (is.na(fraction) || fraction < 0 || fraction > 100) {
        stop("'fraction' must be from 0 to 1, or a percentage up to 100, not ", fraction)
      }
      if (fraction > 1) fraction <- fraction / 100
    }
    if (!is.null(message)) message <- substr(paste(as.character(message), collapse = " "), 1L, max_progress_message)
    members <- paste0('"fraction":', json_of(fraction, 0L), ',"message":', json_of(message, 0L))
    send_message(paste0('{"type":"progress",', members, "}"))
    invisible(NULL)
  }

  display <- function(...) {
    for (value in list(...)) send_display(value)
    invisible(NULL)
  }

  mget(c("save_result", "load_csv_file", "load_file", "save_file", "report_progress", "display"))
}

# Mistakes are reported as those of the function that was called: `call`.
check_file_name <- function(name, call = sys.call(-1L)) {
  if (!is.character(name) || length(name) != 1L || is.na(name) || !nzchar(name)) {
    stop(simpleError("'name' must be the name of a file, one character string", call))
  }
}

existing_path <- function(name, workspace, call = sys.call(-1L)) {
  check_file_name(name, call)
  path <- if (startsWith(name, "/")) name else file.path(workspace, name)
  if (!file.exists(path)) stop(simpleError(paste0("there is no file '", path, "'"), call))
  path
}
