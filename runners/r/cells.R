# Vectors as the JSON of their elements, and strings as JSON.

# The JSON of each element of an atomic vector, a factor, Date or POSIXct.
cells <- function(value) {
  size <- length(value)
  part <- 50000L
  if (size <= part) return(cells_of_part(value))
  value <- `dim<-`(value, NULL)
  unlist(lapply(seq(1, size, part), function(start) cells_of_part(value[start:min(size, start + part - 1)])))
}

cells_of_part <- function(value) {
  texts <- cell_texts(value)
  spend(sum(nchar(texts, "bytes")) + length(texts))
  texts
}

cell_texts <- function(value) {
  missing <- is.na(value)
  if (is.factor(value)) texts <- quote_strings(as.character(value))
  else if (inherits(value, "Date")) texts <- quote_strings(format(value, "%Y-%m-%d"))
  else if (inherits(value, "POSIXct")) texts <- quote_strings(instants(value))
  else if (is.logical(value)) texts <- c("false", "true")[value + 1L]
  else if (is.integer(value)) texts <- sprintf("%d", value)
  else if (is.double(value)) return(number_texts(as.double(value)))
  else texts <- quote_strings(value)
  texts[missing] <- "null"
  texts
}

instants <- function(value) {
  seconds <- unclass(value)
  whole <- all(seconds == trunc(seconds), na.rm = TRUE)
  format(value, if (whole) "%Y-%m-%dT%H:%M:%SZ" else "%Y-%m-%dT%H:%M:%OS6Z", tz = "UTC")
}

# The shortest of 15 to 17 digits that gives the same number again.
number_texts <- function(value) {
  finite <- is.finite(value)
  if (all(finite) && all(abs(value) < 1e15) && all(value == trunc(value))) return(sprintf("%.0f", value))
  texts <- sprintf("%.15g", value)
  texts[!finite] <- "null"
  inexact <- which(finite)
  for (format in c("%.16g", "%.17g")) {
    inexact <- inexact[as.numeric(texts[inexact]) != value[inexact]]
    texts[inexact] <- sprintf(format, value[inexact])
  }
  for (special in c(NaN, Inf, -Inf)) {
    same <- if (is.nan(special)) is.nan(value) else !is.na(value) & value == special
    if (any(same)) texts[same] <- paste0('{"$type":"numeric","repr":"', special, '"}')
  }
  texts
}

control_escapes <- local({
  codes <- c(1:31, 127L)
  escapes <- sprintf("\\u%04x", codes)
  escapes[match(c(8L, 9L, 10L, 12L, 13L), codes)] <- c("\\b", "\\t", "\\n", "\\f", "\\r")
  structure(escapes, names = vapply(codes, intToUtf8, ""))
})

# Strings in UTF-8. What is not valid Unicode becomes U+FFFD.
unicode <- function(texts) {
  unmarked <- Encoding(texts) %in% c("unknown", "bytes")
  if (any(unmarked)) Encoding(texts)[unmarked] <- "UTF-8"
  texts <- enc2utf8(texts)
  wrong <- !validUTF8(texts)
  if (any(wrong)) texts[wrong] <- iconv(texts[wrong], "UTF-8", "UTF-8", sub = "\uFFFD")
  texts
}

# Strings as JSON.
quote_strings <- function(texts) {
  texts <- unicode(as.character(texts))
  if (length(texts) == 0L) return(character())
  special <- grep("[\"\\\\\001-\037\177]", texts, perl = TRUE, useBytes = TRUE)
  if (length(special) > 0L) {
    escaped <- gsub("\\", "\\\\", texts[special], fixed = TRUE)
    escaped <- gsub('"', '\\"', escaped, fixed = TRUE)
    for (control in names(control_escapes)) {
      if (any(grepl(control, escaped, fixed = TRUE, useBytes = TRUE))) {
        escaped <- gsub(control, control_escapes[[control]], escaped, fixed = TRUE)
      }
    }
    texts[special] <- escaped
  }
  utf8(paste0('"', texts, '"'))
}
