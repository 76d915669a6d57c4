# Cuts JSON into tokens and checks their order.
#
# Base R has no loop that is fast enough to go over a text character by character, so everything here works on whole
# vectors: one regular expression finds the tokens, sorting them by depth finds what each bracket holds, and all
# strings and numbers are decoded at once. Nothing of the text is ever evaluated.

max_json_depth <- 100L # as deep as the JSON of a request may be

# The kinds of tokens, by their first byte. An opening bracket's kind plus 2 is that of its closing one.
array_open <- 1L
object_open <- 2L
array_close <- 3L
object_close <- 4L
comma <- 5L
colon <- 6L
string <- 7L
number <- 8L
constant <- 9L # true, false
null <- 10L
key <- 11L # a string in the place of a key

# What may follow what. Where it depends on the container the token stands in, `wrong_order` looks again.
may_follow <- local({
  values <- c(array_open, object_open, string, number, constant, null)
  ends <- c(array_close, object_close, string, number, constant, null)
  allowed <- matrix(FALSE, 11L, 11L)
  allowed[array_open, c(values, array_close)] <- TRUE
  allowed[object_open, c(key, object_close)] <- TRUE
  allowed[key, colon] <- TRUE
  allowed[colon, values] <- TRUE
  allowed[comma, c(values, key)] <- TRUE
  allowed[ends, c(comma, array_close, object_close)] <- TRUE
  allowed
})

kind_of_byte <- local({
  kinds <- rep(constant, 256L)
  bytes <- utf8ToInt('[{]},:"-0123456789n') + 1L
  kinds[bytes] <- c(array_open, object_open, array_close, object_close, comma, colon, string, rep(number, 11L), null)
  kinds
})

json_token <- '"[^"]*+"|[][{},:]|[^][{},:"\\s]++|"'

# `origin`: what the text is called, and the number that its first line has there.
invalid_json <- function(origin, what, text, byte) {
  stop(origin$name, " is not valid JSON: ", what, " at ", json_place(text, byte, origin$line), call. = FALSE)
}

# A list of vectors with one element a token: kind, text (of strings, decoded), number, is_integer, container (the
# index of the bracket that holds it, 0 for the outermost value).
json_tokens <- function(text, start, size, origin) {
  bytes <- as_bytes(text)
  kind <- kind_of_byte[as.integer(charToRaw(text)[start]) + 1L]
  opens <- kind <= object_open
  closes <- kind == array_close | kind == object_close
  depth <- cumsum(opens - closes)
  count <- length(kind)
  refuse <- function(token, what = paste("unexpected", token_text(bytes, start[token], size[token]))) {
    invalid_json(origin, what, text, start[token])
  }
  below <- match(TRUE, depth < 0L)
  if (!is.na(below)) {
    # What stands before the bracket that nothing opens is balanced, and may have a mistake itself.
    before <- seq_len(below - 1L)
    if (below > 1L) json_tokens(text, start[before], size[before], origin)
    refuse(below)
  }
  if (max(depth) > max_json_depth) {
    stop(origin$name, " is JSON that is nested deeper than ", max_json_depth, " levels", call. = FALSE)
  }
  container <- json_containers(depth - opens + closes, depth, which(opens))

  in_object <- c(0L, kind)[container + 1L] == object_open
  before <- c(0L, kind[-count])
  kind[in_object & kind == string & (before == object_open | before == comma)] <- key
  strings <- which(kind == string | kind == key)
  inner <- pieces(bytes, start[strings] + 1L, start[strings] + size[strings] - 2L)
  plain <- which(kind == number | kind == constant | kind == null)
  scalars <- pieces(bytes, start[plain], start[plain] + size[plain] - 1L)

  endless <- strings[size[strings] == 1L]
  torn <- strings[grepl("[\001-\037]", inner, perl = TRUE, useBytes = TRUE)]
  wrong <- c(endless, torn, wrong_order(kind, in_object, container), plain[wrong_scalars(scalars, kind[plain])])
  if (length(wrong) > 0L) {
    first <- min(wrong)
    if (first %in% endless) refuse(first, "a string that has no end")
    if (first %in% torn) refuse(first, "a control character in the string")
    refuse(first)
  }
  if (depth[count] != 0L) invalid_json(origin, "unexpected end", text, nchar(bytes, "bytes") + 1L)

  texts <- character(count)
  numbers <- double(count)
  is_integer <- logical(count)
  texts[strings] <- decode_strings(inner, function(i, escape) refuse(strings[i], paste(escape, "in the string")))
  texts[plain] <- scalars
  digits <- which(kind == number)
  if (length(digits) > 0L) {
    numbers[digits] <- as.numeric(texts[digits])
    is_integer[digits] <- abs(numbers[digits]) <= .Machine$integer.max & !grepl("[.eE]", texts[digits])
  }
  numbers[kind == constant] <- texts[kind == constant] == "true"
  list(kind = kind, text = texts, number = numbers, is_integer = is_integer, container = container)
}

# Line and column of a byte, both from 1; the column counts characters.
json_place <- function(text, byte, first_line) {
  before <- substring(as_bytes(text), 1L, byte - 1L)
  ends <- gregexpr("\n", before, fixed = TRUE, useBytes = TRUE)[[1L]]
  line <- substring(before, max(ends[length(ends)], 0L) + 1L)
  column <- nchar(utf8(line), "chars", allowNA = TRUE)
  if (is.na(column)) column <- nchar(line, "bytes")
  paste0("line ", first_line + sum(ends > 0L), ", column ", column + 1L)
}

token_text <- function(bytes, start, size) cut_text(pieces(bytes, start, start + size - 1L), 40L)

# The index of the bracket that holds each token. Sorted by depth and then by place, each bracket stands right before
# all that it holds.
json_containers <- function(level, depth, opens) {
  count <- length(level)
  places <- c(seq_len(count), opens)
  is_bracket <- rep(c(FALSE, TRUE), c(count, length(opens)))
  order <- order(c(level, depth[opens]), places, method = "radix")
  owner <- cummax(ifelse(is_bracket[order], seq_along(order), 0L))
  owner <- ifelse(owner == 0L, 0L, places[order][pmax(owner, 1L)])
  container <- integer(count)
  tokens <- !is_bracket[order]
  container[places[order][tokens]] <- owner[tokens]
  container
}

# The tokens that cannot stand where they stand.
wrong_order <- function(kind, in_object, container) {
  count <- length(kind)
  is_value <- kind <= object_open | (kind >= string & kind <= null)
  previous <- kind[-count]
  wrong <- !may_follow[cbind(previous, kind[-1L])] | (previous == comma & is_value[-1L] & in_object[-1L])
  # Outside of all containers there is one value and nothing else.
  wrong <- c(!is_value[1L], wrong | container[-1L] == 0L)
  closing <- which(kind == array_close | kind == object_close)
  c(which(wrong), closing[kind[container[closing]] + 2L != kind[closing]])
}

wrong_scalars <- function(texts, kind) {
  wrong <- !(texts %in% c("true", "false", "null"))
  digits <- kind == number
  pattern <- "^-?(?:0|[1-9][0-9]*)(?:[.][0-9]+)?(?:[eE][-+]?[0-9]+)?$"
  wrong[digits] <- !grepl(pattern, texts[digits], perl = TRUE, useBytes = TRUE)
  wrong
}

# Replaces the escapes of all strings in one pass over their concatenation. NUL, which R's strings cannot hold, and
# halves of surrogate pairs become U+FFFD. `refuse(i, escape)` is called for a string with an unknown escape.
decode_strings <- function(strings, refuse = NULL) {
  escaped <- grep("\\", strings, fixed = TRUE, useBytes = TRUE)
  if (length(escaped) == 0L) return(strings)
  joined <- paste0(strings[escaped], collapse = "\n")
  found <- gregexpr("\\\\(?:u[0-9a-fA-F]{4}|.)|\n", joined, perl = TRUE, useBytes = TRUE)[[1L]]
  size <- attr(found, "match.length")
  start <- as.integer(found)
  bytes <- as_bytes(joined)
  escapes <- substring(bytes, start, start + size - 1L)
  between <- substring(bytes, c(1L, start + size), c(start - 1L, nchar(joined, "bytes")))
  values <- decode_escapes(escapes, start, size)
  border <- c(FALSE, escapes == "\n")
  unknown <- match(NA, values)
  if (!is.na(unknown)) refuse(escaped[sum(border[seq_len(unknown)]) + 1L], escapes[unknown])
  decoded <- c(rbind(c("", values), utf8(between)))
  piece <- rep(cumsum(border), each = 2L)
  decoded[which(border) * 2L - 1L] <- ""
  strings[escaped] <- vapply(split(decoded, piece), paste0, "", collapse = "", USE.NAMES = FALSE)
  strings
}

decode_escapes <- function(escapes, start, size) {
  short <- c('\\"' = '"', "\\\\" = "\\", "\\/" = "/", "\\b" = "\b", "\\f" = "\f", "\\n" = "\n", "\\r" = "\r",
             "\\t" = "\t", "\n" = "\n")
  decoded <- unname(short[escapes])
  long <- which(size == 6L)
  if (length(long) > 0L) {
    codes <- strtoi(substring(escapes[long], 3L), 16L)
    adjacent <- c(diff(start[long]) == 6L, FALSE)
    high <- codes >= 0xD800L & codes <= 0xDBFFL
    low <- codes >= 0xDC00L & codes <= 0xDFFFL
    first <- which(adjacent & high & c(low[-1L], FALSE))
    codes[first] <- 0x10000L + (codes[first] - 0xD800L) * 0x400L + codes[first + 1L] - 0xDC00L
    halves <- high | low
    halves[first] <- FALSE
    codes[halves | codes == 0L] <- 0xFFFDL
    texts <- intToUtf8(codes, multiple = TRUE)
    texts[first + 1L] <- ""
    decoded[long] <- texts
  }
  decoded
}

# A text of the same length in which every quote begins or ends a string.
without_escapes <- function(text) {
  if (!grepl("\\", text, fixed = TRUE, useBytes = TRUE)) return(text)
  gsub("\\\\.", "__", text, perl = TRUE, useBytes = TRUE)
}

# Substrings of a text in UTF-8 are found by counting characters from its start, those of bytes at once.
pieces <- function(bytes, first, last) if (length(first) > 0L) utf8(substring(bytes, first, last)) else character()
as_bytes <- function(text) `Encoding<-`(text, "bytes")
utf8 <- function(text) `Encoding<-`(text, "UTF-8")
