# Uncaught errors as the record has them.
#
# R itself prints them and ends; here they are only noted when they arise, by a handler below all handlers of the
# program (`note_error`), and described when the process ends, because there may be no stack left to do it on before.

max_frames <- 100L
max_call_text <- 200L
top_level <- "<top level>"

note_error <- function(error) {
  calls <- sys.calls()
  functions <- lapply(seq_along(calls), sys.function)
  run$failure <- list(condition = error, calls = calls, functions = functions, expression = run$expressions + 1L)
}

send_failure <- function(failure, program) {
  described <- tryCatch(
    describe_failure(failure, read_program(program), program),
    error = function(e) describe_briefly(failure)
  )
  send_message(paste0('{"type":"error","error":', described, "}"))
}

describe_briefly <- function(failure) {
  message <- error_message(failure$condition)
  error_json(error_type(failure$condition, message), message, failure$text, list(), NULL)
}

describe_failure <- function(failure, text, program) {
  message <- error_message(failure$condition)
  type <- error_type(failure$condition, message)
  calls <- without_handler(failure$calls)
  running <- expression_at(failure$expression, text$lines)
  if (length(calls$whole) == 0L && !is.null(running$error_line)) {
    frame <- frame_at(list(file = program$name, line = running$error_line), top_level, text, program)
    return(error_json("parseError", message, failure$text, list(frame), running$error_line))
  }
  places <- lapply(c(calls$whole, list(calls$raised)), place_of, text, running$line, program)
  if (is.null(places[[1L]]) && !is.null(running$line)) {
    call <- if (length(calls$whole) > 0L) calls$whole[[1L]] else conditionCall(failure$condition)
    places[[1L]] <- list(file = program$name, line = line_of_call(call, running))
  }
  found <- shorten(which(!vapply(places, is.null, TRUE)))
  frames <- lapply(found, function(i) {
    frame_at(places[[i]], owner(i, places[[i]], calls$whole, failure$functions), text, program)
  })
  broken <- broken_place(message, program)
  if (!is.null(broken)) frames <- c(frames, list(frame_at(broken, top_level, text, program)))
  line <- if (length(frames) > 0L) frames[[length(frames)]]$line else NULL
  error_json(type, message, paste0(failure$text, traceback_text(calls$whole, places)), frames, line)
}

shorten <- function(items) {
  count <- length(items)
  if (count <= max_frames) items else items[c(seq_len(max_frames / 2), seq(count - max_frames / 2 + 1, count))]
}

error_message <- function(condition) {
  message <- tryCatch(paste(conditionMessage(condition), collapse = "\n"), error = function(e) "")
  if (is.na(message)) "NA" else message
}

# R has no classes for syntax errors and for the error by which a program meets its memory limit.
error_type <- function(condition, message) {
  type <- type_name(condition)
  exhausted <- "^(cannot allocate|(vector )?memory exhausted|cons memory exhausted)"
  if (type != "simpleError") type
  else if (grepl(exhausted, message)) "outOfMemoryError"
  else if (grepl(parser_message, message, perl = TRUE)) "parseError"
  else type
}

error_json <- function(type, message, traceback, frames, line) {
  texts <- vapply(frames, function(frame) {
    json_object(c("file", "line", "function", "source"), c(
      quote_strings(frame$file), sprintf("%d", frame$line), quote_strings(frame$name),
      if (is.null(frame$source)) "null" else quote_strings(frame$source)
    ))
  }, "")
  line <- if (is.null(line)) "null" else sprintf("%d", line)
  json_object(c("type", "message", "traceback", "frames", "line"),
              c(quote_strings(type), quote_strings(message), quote_strings(traceback), json_array(texts), line))
}

# The error of which only its text is known.
printed_error <- function(text) {
  message <- sub("^Error[^\n]*?: ", "", sub("\n+$", "", text), perl = TRUE)
  type <- if (startsWith(message, "C stack usage")) "CStackOverflowError" else "error"
  structure(class = unique(c(type, "error", "condition")), list(message = message, call = NULL))
}

# The calls up to the error, without those by which R called `note_error`; the first of these tells where it arose.
without_handler <- function(calls) {
  count <- length(calls)
  if (count == 0L) return(list(whole = list(), raised = NULL))
  before <- if (count > 1L) calls[[count - 1L]] else NULL
  handlers <- if (is.call(before) && identical(before[[1L]], quote(.handleSimpleError))) 2L else 1L
  list(whole = calls[seq_len(count - handlers)], raised = calls[[count - handlers + 1L]])
}

function_name <- function(call) {
  called <- call[[1L]]
  if (is.symbol(called)) return(as.character(called))
  if (is.call(called) && as.character(called[[1L]])[1L] %in% c("::", ":::", "$", "@")) return(call_text(called))
  "<anonymous>"
}

call_text <- function(call) {
  text <- tryCatch(deparse(`attributes<-`(call, NULL), nlines = 1L)[1L], error = function(e) "<call>")
  cut_text(text, max_call_text)
}

# As `traceback()` shows it: innermost first.
traceback_text <- function(calls, places) {
  count <- length(calls)
  if (count == 0L) return("")
  numbers <- rev(shorten(seq_len(count)))
  lines <- vapply(numbers, function(i) {
    place <- places[[i]]
    at <- if (is.null(place)) "" else paste0(" at ", place$file, "#", place$line)
    paste0(i, ": ", call_text(calls[[i]]), at, "\n")
  }, "")
  paste(lines, collapse = "")
}

frame_at <- function(place, name, text, program) {
  lines <- text$lines
  if (place$file != program$name) {
    path <- if (startsWith(place$file, "/")) place$file else file.path(program$workspace, place$file)
    lines <- tryCatch(read_lines(path), error = function(e) character(), warning = function(e) character())
  }
  line <- as.integer(place$line)
  source <- if (line >= 1L && line <= length(lines)) trimws(lines[line]) else NULL
  list(file = place$file, line = line, name = name, source = source)
}
