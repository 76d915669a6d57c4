# Messages to the host: a length of 4 bytes, then JSON.
#
# The pipe is opened for each message, under the name that descriptor 4 has. So `showConnections()` shows no connection
# of the runner's, `closeAllConnections()` closes none, and a message of up to 4096 bytes is written whole.

max_message_bytes <- 8388608L
message_pipe <- "/dev/fd/4"

# Sends a message, given as JSON. FALSE when it is too large. One that cannot be written is lost: the host is gone.
send_message <- function(json) {
  body <- charToRaw(json)
  if (length(body) > max_message_bytes) return(FALSE)
  tryCatch({
    pipe <- file(message_pipe, "wb", raw = TRUE)
    on.exit(close(pipe))
    writeBin(c(writeBin(length(body), raw(), endian = "big"), body), pipe)
  }, error = function(e) NULL, warning = function(e) NULL)
  TRUE
}

send_warning <- function(...) send_message(paste0('{"type":"warning","message":', quote_strings(paste0(...)), "}"))

# Sends `{"type": type, ..., "value": value}`. A value too large for a message is described, with a warning that names
# `what`.
send_value <- function(type, value, what, ...) {
  members <- list(type = quote_strings(type), ...)
  start <- paste0('"', names(members), '":', members, collapse = ",")
  converted <- faithful(value)
  send_message(paste0("{", start, ',"value":', converted$json, "}"))
  if (!converted$complete) send_warning(what, " is too large for one message; only a description of it was kept")
}
