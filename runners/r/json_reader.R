# Reads JSON into R values of the shapes that R's users know from jsonlite::fromJSON. 1 MB takes 0.1 to 0.2 s.
#
# The containers are built from the outside in, because an array of objects becomes one data frame without its rows
# being made.

# The value of a JSON text, which errors call `name`, and of whose lines the first is number `line` there.
read_json <- function(text, name = "this", line = 1L) {
  found <- gregexpr(json_token, without_escapes(text), perl = TRUE, useBytes = TRUE)[[1L]]
  if (found[1L] == -1L) stop(name, " is not valid JSON: it is empty", call. = FALSE)
  tokens <- json_tokens(text, as.integer(found), attr(found, "match.length"), list(name = name, line = line))
  tree <- json_tree(tokens)
  tree$build(1L)
}

# The members of a JSON object as texts, by their names: to read some of them and leave the others alone. Takes a
# seventh of the time that reading takes. The text is one that is known to be JSON.
json_members <- function(text) {
  found <- gregexpr('"[^"]*+"(?:\\s*+:)?+|[][{}]', without_escapes(text), perl = TRUE, useBytes = TRUE)[[1L]]
  start <- as.integer(found)
  end <- start + attr(found, "match.length") - 1L
  bytes <- charToRaw(text)
  kind <- kind_of_byte[as.integer(bytes[start]) + 1L]
  depth <- cumsum((kind <= object_open) - (kind == array_close | kind == object_close))
  keys <- which(depth == 1L & bytes[end] == charToRaw(":"))
  text <- as_bytes(text)
  names <- sub("\\s*:$", "", utf8(substring(text, start[keys], end[keys])))
  values <- substring(text, end[keys] + 1L, c(start[keys[-1L]], start[length(start)]) - 1L)
  values <- sub(",\\s*+$", "", utf8(values), perl = TRUE, useBytes = TRUE)
  structure(as.list(utf8(values)), names = decode_strings(substring(names, 2L, nchar(names) - 1L)))
}

# The values of tokens. `build` gives the value that a token begins.
json_tree <- function(tokens) {
  kind <- tokens$kind
  texts <- tokens$text
  numbers <- tokens$number
  values <- which(kind <= object_open | (kind >= string & kind <= null))
  holder <- tokens$container[values]
  by_holder <- values[order(holder, method = "radix")]
  held <- tabulate(holder + 1L, length(kind) + 1L) # of container 0 first
  before <- c(0L, cumsum(held))

  # One function that calls itself, in loops and with arguments that are computed before: promises and `lapply` would
  # take three times as much of the stack for a level.
  build <- function(token) {
    if (kind[token] > object_open) return(build_scalar(token))
    items <- by_holder[before[token + 1L] + seq_len(held[token + 1L])]
    is_object <- kind[token] == object_open
    if (is_object) {
      names <- texts[items - 2L]
      if (anyDuplicated(names)) {
        last <- !duplicated(names, fromLast = TRUE)
        items <- items[last]
        names <- names[last]
      }
    } else {
      if (length(items) == 0L) return(list())
      kinds <- kind[items]
      if (all(kinds >= string)) return(build_scalars(items))
      if (all(kinds == object_open | kinds == null)) return(build_frame(items))
    }
    values <- vector("list", length(items))
    for (i in seq_along(items)) {
      value <- build(items[i])
      if (!is.null(value)) values[[i]] <- value
    }
    if (!is_object) return(as_matrix(values, kinds))
    names(values) <- names
    values
  }

  build_scalar <- function(token) {
    kind <- kind[token]
    if (kind == string) texts[token]
    else if (kind == constant) numbers[token] == 1
    else if (kind == null) NULL
    else if (tokens$is_integer[token]) as.integer(numbers[token])
    else numbers[token]
  }

  # A vector of the kind that holds all scalars.
  build_scalars <- function(items) {
    kinds <- kind[items]
    missing <- kinds == null
    if (any(kinds == string)) {
      result <- texts[items]
      digits <- kinds == number
      if (any(digits)) result[digits] <- as.character(numbers[items][digits])
      truths <- kinds == constant
      if (any(truths)) result[truths] <- toupper(result[truths])
    } else if (any(kinds == number)) {
      result <- numbers[items]
      if (all(tokens$is_integer[items] | kinds != number)) result <- as.integer(result)
    } else {
      result <- as.logical(numbers[items])
    }
    if (any(missing)) result[missing] <- NA
    result
  }

  # One row for each item, an object or null; a member that a row lacks is NA.
  build_frame <- function(items) {
    rows <- length(items)
    objects <- kind[items] == object_open
    containers <- items[objects] + 1L
    members <- by_holder[sequence(held[containers], before[containers] + 1L)]
    row <- rep(which(objects), held[containers])
    names <- texts[members - 2L]
    columns <- unique(names)
    groups <- split(seq_along(members), factor(match(names, columns), seq_along(columns)))
    frame <- lapply(groups, function(group) build_column(members[group], row[group], rows))
    structure(frame, names = columns, class = "data.frame", row.names = .set_row_names(rows))
  }

  build_column <- function(members, row, rows) {
    if (anyDuplicated(row)) {
      last <- !duplicated(row, fromLast = TRUE)
      members <- members[last]
      row <- row[last]
    }
    kinds <- kind[members]
    place <- match(seq_len(rows), row)
    if (all(kinds >= string)) return(build_scalars(members)[place])
    if (all(kinds == object_open | kinds == null)) {
      return(place_rows(build_frame(members), place))
    }
    lapply(members, build)[place]
  }

  list(build = build)
}

# The rows of a data frame in another order, NA for those that it lacks.
place_rows <- function(frame, place) {
  columns <- lapply(frame, function(column) if (is.data.frame(column)) place_rows(column, place) else column[place])
  structure(columns, class = "data.frame", row.names = .set_row_names(length(place)))
}

# Arrays of the same length and type, each an array of scalars, are the rows of a matrix.
as_matrix <- function(items, kinds) {
  if (!all(kinds == array_open)) return(items)
  types <- unique(vapply(items, typeof, ""))
  shapes <- unique(lapply(items, function(item) if (is.null(dim(item))) length(item) else dim(item)))
  if (length(shapes) != 1L || "list" %in% types || any(vapply(items, is.data.frame, TRUE))) return(items)
  inner <- shapes[[1L]]
  whole <- array(unlist(items), c(inner, length(items)))
  aperm(whole, c(length(inner) + 1L, seq_along(inner)))
}
