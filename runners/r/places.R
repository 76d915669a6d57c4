# Where in the program a call stands.
#
# A call that a function makes carries a source reference: the place of its statement in the text that the function was
# parsed from. For functions of files that the program reads with `source` that text is the file. For those of the
# program itself it is the one top-level expression in which they stand, because R's console, which runs the program,
# parses expression by expression; so that text is looked up in the program. Loops at the top level are compiled
# by R before they run and lose the references; there the call itself is looked for.

# The name of the function in which a call stands, the `i`th on the stack: the innermost below it whose text holds the
# place. (Those in between are of R itself: an argument is evaluated when a function asks for it.)
owner <- function(i, place, calls, functions) {
  reference <- place$reference
  if (!is.null(reference)) {
    for (k in rev(seq_len(i - 1L))) {
      range <- attr(functions[[k]], "srcref")
      if (is.integer(range) && identical(attr(range, "srcfile"), attr(reference, "srcfile")) &&
          range[1L] <= reference[1L] && reference[3L] <= range[3L]) return(function_name(calls[[k]]))
    }
  }
  top_level
}

# The file, line and source reference of the statement that made a call; NULL when it is not in a file of the program.
place_of <- function(call, text, start, program) {
  reference <- attr(call, "srcref")
  if (!is.integer(reference)) return(NULL)
  origin <- attr(reference, "srcfile")
  name <- origin$filename
  if (!is.character(name) || length(name) != 1L || name == "<text>") return(NULL)
  if (name != "") {
    return(list(file = relative_name(name, origin$wd, program$workspace), line = reference[1L], reference = reference))
  }
  offset <- line_of(origin$lines, text, start)
  if (is.null(offset)) NULL else list(file = program$name, line = offset + reference[1L] - 1L, reference = reference)
}

relative_name <- function(name, folder, workspace) {
  if (!startsWith(name, "/") && is.character(folder)) name <- file.path(folder, name)
  name <- normalizePath(name, mustWork = FALSE)
  if (startsWith(name, paste0(workspace, "/"))) substring(name, nchar(workspace) + 2L) else name
}

# How R's parser reports a mistake: the place, then the lines up to it with their numbers.
parser_message <- "^(?:([^\n]*?):)?([0-9]+):[0-9]+: [^\n]*\n *[0-9]+: "

# The file and line in which R's parser found a mistake; NULL when it names no file that is there.
broken_place <- function(message, program) {
  found <- regmatches(message, regexec(parser_message, message, perl = TRUE))[[1L]]
  if (length(found) == 0L) return(NULL)
  # Relative to the folder that R was in. That may be another one by now, and is the workspace in most programs.
  paths <- c(found[2L], file.path(program$workspace, found[2L]))
  path <- paths[file.exists(paths) & !dir.exists(paths)][1L]
  if (is.na(path)) return(NULL)
  # A file that ends too early has its mistake on the line after the last.
  line <- min(as.integer(found[3L]), length(read_lines(path)))
  list(file = relative_name(path, NULL, program$workspace), line = line)
}

# The line of the program on which a top-level expression begins, by its text. The same text may stand there more than
# once; then it is the one that was running, or the last before that.
line_of <- function(lines, text, start) {
  chunk <- paste(lines, collapse = "\n")
  found <- gregexpr(chunk, text$whole, fixed = TRUE, useBytes = TRUE)[[1L]]
  if (found[1L] == -1L) return(NULL)
  numbers <- findInterval(found - 1L, text$line_ends) + 1L
  if (is.null(start)) return(numbers[length(numbers)])
  numbers[max(1L, sum(numbers <= start))]
}

read_program <- function(program) {
  lines <- read_lines(program$path)
  whole <- paste0(lines, "\n", collapse = "")
  list(lines = lines, whole = whole, line_ends = cumsum(nchar(lines, "bytes") + 1L))
}

read_lines <- function(path) utf8(sub("\r$", "", readLines(path, warn = FALSE), useBytes = TRUE))

# The `k`th top-level expression of the program, with source references, and the line it begins on; NULL when there is
# none. What follows it may have syntax errors; when it has one itself, list(error_line).
expression_at <- function(k, lines) {
  parsed <- tryCatch(parse(text = lines, n = k, keep.source = TRUE), error = function(e) e)
  if (inherits(parsed, "error")) return(list(error_line = syntax_error_line(parsed, length(lines))))
  if (length(parsed) < k) return(NULL)
  list(expression = parsed[[k]], line = attr(parsed, "srcref")[[k]][1L])
}

syntax_error_line <- function(error, last) {
  message <- conditionMessage(error)
  found <- regmatches(message, regexec("^[^\n]*?:([0-9]+):[0-9]+: ", message))[[1L]]
  if (length(found) == 2L) min(as.integer(found[2L]), last) else last
}

# The line of the statement in a top-level expression that makes a call: where the call stands but once, its own,
# otherwise that of the whole.
line_of_call <- function(call, whole) {
  if (is.null(call)) return(whole$line)
  lines <- unique(lines_of_call(whole$expression, call[[1L]], deparse(call), whole$line))
  if (length(lines) == 1L) lines else whole$line
}

lines_of_call <- function(expression, called, text, line) {
  if (identical(expression[[1L]], called) && identical(deparse(expression), text)) return(line)
  statements <- attr(expression, "srcref")
  lines <- NULL
  for (i in seq_along(expression)) {
    if (!is.call(expression[[i]])) next
    at <- if (is.list(statements)) statements[[i]][1L] else line
    lines <- c(lines, lines_of_call(expression[[i]], called, text, at))
  }
  lines
}
