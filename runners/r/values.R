# Values as JSON: what JSON holds exactly is itself, anything else a description in its place.
#
#   {"$type": class, "repr": what print shows (at most 2000 characters), ...}
#
# A vector of length 1 is a scalar, an unnamed one of another length an array, a named one or a named list an object,
# a matrix an array of its rows, a data frame an array of row objects. NA is null. Factors are their labels; Date and
# POSIXct are ISO 8601 in UTC. A list whose names are not all there, and different, is described, and so is one that
# has a name "$type", so that the key can be trusted.
#
# Vectors are written at once, not element by element: 8 MB of numbers take about a second.

max_value_bytes <- 8388608L - 4096L # a message, less room for what is around the value
max_depth <- 64L
max_repr <- 2000L

# list(json, complete); complete is FALSE when the value was too large and only its description is there. Nothing that
# the methods of a value's class do reaches the caller.
faithful <- function(value) {
  room$left <- max_value_bytes
  on.exit(room$left <- Inf)
  json <- tryCatch(suppressWarnings(json_of(value, 0L)),
    too_large = function(e) NULL, error = function(e) describe(value, failed("conversion", e))
  )
  if (!is.null(json) && nchar(json, "bytes") <= max_value_bytes) return(list(json = json, complete = TRUE))
  room$left <- Inf
  list(json = outline(value), complete = FALSE)
}

# The bytes left for the value that is being converted, so that one far too large is given up early.
room <- list2env(list(left = Inf), parent = emptyenv())

spend <- function(size) {
  room$left <- room$left - size
  if (room$left < 0) {
    stop(structure(class = c("too_large", "error", "condition"), list(message = "too large", call = NULL)))
  }
}

# A description without members.
outline <- function(value) {
  size <- tryCatch(length(unclass(value)), error = function(e) 0L)
  describe(value, outline_text(value), length = sprintf("%.0f", size))
}

# Long values are cut before they are printed; for long strings R's printing takes quadratic time.
outline_text <- function(value) {
  if (is.object(value) || !is.vector(value)) return(safe_repr(value))
  if (length(value) > 100L) value <- value[1:100]
  safe_repr(if (is.character(value)) substr(unicode(value), 1L, max_repr) else value)
}

# `...`: more members of the description, as JSON.
describe <- function(value, repr = safe_repr(value), ...) {
  members <- list(...)
  members <- if (length(members) > 0L) paste0(',"', names(members), '":', members, collapse = "") else ""
  spend(nchar(repr) + 40)
  paste0('{"$type":', quote_strings(type_name(value)), ',"repr":', quote_strings(repr), members, "}")
}

type_name <- function(value) {
  name <- tryCatch(class(value)[1L], error = function(e) typeof(value))
  substr(if (is.character(name) && !is.na(name)) name else typeof(value), 1L, 500L)
}

safe_repr <- function(value, limit = max_repr) {
  # Printing a plot draws it.
  if (is_plot(value)) return(paste0("<", type_name(value), ">"))
  cut_text(tryCatch(printed(value, limit), error = function(e) failed("print", e)), limit)
}

# What print shows, of large values the beginning. The methods of the program are found from the global environment.
printed <- function(value, limit) {
  before <- options(max.print = min(getOption("max.print"), limit))
  on.exit(options(before))
  frame <- list2env(list(value = value), parent = globalenv())
  paste(utils::capture.output(suppressWarnings(evalq(base::print(value), frame))), collapse = "\n")
}

cut_text <- function(text, limit) {
  text <- unicode(text)
  if (nchar(text) > limit) paste0(substr(text, 1L, limit - 3L), "...") else text
}

failed <- function(what, error) {
  text <- tryCatch(substr(conditionMessage(error), 1L, 200L), error = function(e) "")
  paste0("<", what, " failed: ", text, ">")
}

is_plot <- function(value) inherits(value, c("ggplot", "trellis", "recordedplot", "grob", "gTree"))

json_of <- function(value, depth) {
  if (is.null(value)) return("null")
  if (isS4(value) && !is.list(value)) return(describe(value))
  if (is.data.frame(value)) return(if (depth >= max_depth) describe(value) else json_of_frame(value, depth))
  if (inherits(value, "POSIXlt")) value <- as.POSIXct(value)
  if (inherits(value, "AsIs")) class(value) <- setdiff(class(value), "AsIs")
  plain <- !is.object(value)
  if (plain && is.list(value)) return(if (depth >= max_depth) describe(value) else json_of_list(value, depth))
  if (inherits(value, "table") && length(dim(value)) == 1L) {
    value <- structure(as.vector(value), names = names(value))
    plain <- TRUE
  }
  if (plain && (is.logical(value) || is.numeric(value) || is.character(value))) return(json_of_vector(value, depth))
  if (inherits(value, c("factor", "Date", "POSIXct"))) return(json_of_vector(value, depth))
  if (is.atomic(value) && !plain && typeof(value) %in% c("logical", "integer", "double", "character")) {
    return(describe(value, json = json_of(unclass_fully(value), depth + 1L)))
  }
  describe(value)
}

unclass_fully <- function(value) {
  attributes(value) <- attributes(value)[intersect(names(attributes(value)), c("names", "dim"))]
  value
}

json_of_vector <- function(value, depth) {
  size <- length(value)
  if (depth >= max_depth && size != 1L) return(describe(value))
  texts <- cells(value)
  names <- names(value)
  if (!is.null(names) && is.null(dim(value)) && are_keys(names)) return(json_object(names, texts))
  if (!is.null(dim(value)) && length(dim(value)) > 1L) return(json_of_array(texts, dim(value)))
  if (size == 1L) texts else json_array(texts)
}

json_array <- function(texts) paste0("[", paste(texts, collapse = ","), "]")

json_object <- function(names, texts) {
  if (length(names) == 0L) return("{}")
  paste0("{", paste(quote_strings(names), texts, sep = ":", collapse = ","), "}")
}

are_keys <- function(names) !anyNA(names) && all(nzchar(names)) && !anyDuplicated(names) && !("$type" %in% names)

# `texts` in the order of R, first index fastest; the first index becomes the outermost level.
json_of_array <- function(texts, dim) {
  for (k in rev(seq_along(dim))) {
    rows <- prod(dim[seq_len(k - 1L)])
    texts <- if (dim[k] == 0L) rep("[]", rows) else {
      parts <- split(texts, rep(seq_len(dim[k]), each = rows))
      paste0("[", do.call(paste, c(unname(parts), sep = ",")), "]")
    }
  }
  if (length(texts) == 1L) texts else "[]"
}

json_of_list <- function(value, depth) {
  spend(2 * length(value))
  names <- names(value)
  if (!is.null(dim(value))) names <- NULL
  if (!is.null(names) && !are_keys(names)) {
    names[is.na(names)] <- "NA"
    texts <- vapply(value, json_of, "", depth = depth + 3L, USE.NAMES = FALSE)
    pairs <- paste0("[", quote_strings(names), ",", texts, "]")
    return(describe(value, length = length(value), items = json_array(pairs)))
  }
  texts <- vapply(value, json_of, "", depth = depth + 1L, USE.NAMES = FALSE)
  if (is.null(names)) json_array(texts) else json_object(names, texts)
}

json_of_frame <- function(value, depth) {
  rows <- frame_rows(value, depth)
  if (is.null(rows)) describe(value) else json_array(rows)
}

# The text of each row; NULL when the columns are not keys.
frame_rows <- function(value, depth) {
  count <- nrow(value)
  spend(2 * count)
  labels <- attr(value, "row.names")
  columns <- as.list(value)
  if (is.character(labels) && !("_row" %in% names(columns))) columns[["_row"]] <- labels
  if (length(columns) == 0L) return(rep("{}", count))
  if (!are_keys(names(columns))) return(NULL)
  texts <- lapply(columns, column_texts, depth = depth + 2L)
  if (any(vapply(texts, is.null, TRUE))) return(NULL)
  members <- Map(function(name, text) paste0(name, ":", text), quote_strings(names(columns)), texts)
  paste0("{", do.call(paste, c(unname(members), sep = ",")), "}")
}

column_texts <- function(column, depth) {
  if (is.data.frame(column)) return(frame_rows(column, depth))
  if (inherits(column, "POSIXlt")) column <- as.POSIXct(column)
  is_simple <- !is.object(column) && typeof(column) %in% c("logical", "integer", "double", "character")
  if ((is_simple || inherits(column, c("factor", "Date", "POSIXct"))) && length(dim(column)) < 2L) return(cells(column))
  if (length(dim(column)) == 2L) return(apply(column, 1L, function(row) json_of(as.vector(row), depth)))
  vapply(seq_along(column), function(i) json_of(column[[i]], depth), "")
}
