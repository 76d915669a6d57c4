# Display messages: an object in all the forms it has, by MIME type. text/plain is always there.

max_plain <- 20000L
max_display_rows <- 1000L

send_display <- function(value) {
  send_finished_pages()
  forms <- list("text/plain" = quote_strings(plain_text(value)))
  if (is.data.frame(value)) {
    shown <- utils::head(value, max_display_rows)
    forms[["text/html"]] <- form("text/html", quote_strings(html_table(shown)))
    forms[["application/json"]] <- form("application/json", faithful(shown)$json)
  } else if (is_plot(value)) {
    forms[["image/png"]] <- form("image/png", quote_strings(draw_object(value)))
  } else if (inherits(value, c("html", "shiny.tag", "shiny.tag.list"))) {
    forms[["text/html"]] <- form("text/html", quote_strings(paste(as.character(value), collapse = "\n")))
  }
  while (!send_message(paste0('{"type":"display","data":', json_object(names(forms), unlist(forms)), "}"))) {
    largest <- names(which.max(nchar(unlist(forms), "bytes")))
    forms[[largest]] <- NULL
    send_warning(
      "display: the ", largest, " representation is larger than ", max_message_bytes, " bytes and was left out"
    )
  }
}

plain_text <- function(value) {
  if (is.character(value) && !is.object(value) && length(value) == 1L && !is.na(value)) return(value)
  safe_repr(value, max_plain)
}

# NULL, which leaves the form out, with a warning, when it cannot be made.
form <- function(mime, make) {
  tryCatch(make, error = function(e) {
    send_warning("display: the ", mime, " representation failed: ", conditionMessage(e))
    NULL
  })
}

html_table <- function(frame) {
  columns <- lapply(frame, function(column) if (is.list(column)) vapply(column, one_line, "") else format(column))
  if (is.character(attr(frame, "row.names"))) columns <- c(list(" " = attr(frame, "row.names")), columns)
  row <- function(tag, cells) paste0("<tr>", paste0("<", tag, ">", cells, "</", tag, ">", collapse = ""), "</tr>")
  cells <- lapply(columns, function(column) escape_html(as.character(column)))
  body <- if (nrow(frame) > 0L && length(cells) > 0L) {
    do.call(paste0, c("<tr>", lapply(cells, function(column) paste0("<td>", column, "</td>")), "</tr>"))
  }
  paste(c("<table>", row("th", escape_html(names(columns))), body, "</table>"), collapse = "\n")
}

one_line <- function(value) cut_text(paste(format(value), collapse = ", "), 200L)

escape_html <- function(text) {
  text <- gsub("&", "&amp;", text, fixed = TRUE)
  text <- gsub("<", "&lt;", text, fixed = TRUE)
  gsub(">", "&gt;", text, fixed = TRUE)
}
