# Reading and writing files by their extension: `load_file`, `load_csv_file` and `save_file`.

extension_of <- function(path) tolower(tools::file_ext(path))

read_table <- function(path, separator, options) {
  defaults <- list(file = path, sep = separator, stringsAsFactors = FALSE)
  # Reading with an encoding takes twice as long.
  if (identical(readBin(path, "raw", 3L), byte_order_mark)) defaults$fileEncoding <- "UTF-8-BOM"
  do.call("read.csv", utils::modifyList(defaults, options), envir = asNamespace("utils"))
}

byte_order_mark <- as.raw(c(0xEF, 0xBB, 0xBF))

read_text <- function(path) {
  bytes <- readBin(path, "raw", file.size(path))
  if (identical(utils::head(bytes, 3L), byte_order_mark)) bytes <- bytes[-(1:3)]
  utf8(rawToChar(bytes))
}

# The content of a file that exists.
read_by_extension <- function(path, options) {
  switch(extension_of(path),
    csv = read_table(path, ",", options),
    tsv = read_table(path, "\t", options),
    json = read_json(read_text(path), sQuote(path, FALSE)),
    jsonl = read_json_lines(path),
    rds = readRDS(path),
    xlsx = , xls = , parquet =
      stop("reading .", extension_of(path), " needs a package such as readxl or arrow", call. = FALSE),
    read_text(path)
  )
}

# All lines together are read several times faster than one by one, which only finds the line that is not JSON.
read_json_lines <- function(path) {
  lines <- strsplit(read_text(path), "\n", fixed = TRUE)[[1L]]
  numbers <- grep("\\S", lines)
  tryCatch(read_json(paste0("[", paste(lines[numbers], collapse = ","), "]")), error = function(error) {
    for (number in numbers) read_json(lines[number], sQuote(path, FALSE), number)
    stop(error)
  })
}

# Writes content to a path whose folder exists.
write_by_extension <- function(path, content) {
  extension <- extension_of(path)
  if (is.raw(content)) writeBin(content, path)
  else if (extension == "rds") saveRDS(content, path)
  else if (is.data.frame(content)) write_frame(path, extension, content)
  else if (is.character(content) && !is.object(content)) {
    write_text(path, if (length(content) == 1L) content else as_lines(content))
  }
  else if (extension == "jsonl" && is.list(content)) write_text(path, as_lines(vapply(content, file_json, "")))
  else if (extension == "json" || is.list(content)) write_text(path, as_lines(file_json(content)))
  else stop("'content' must be text, raw bytes, a data frame or a list, not ", type_name(content), call. = FALSE)
}

write_frame <- function(path, extension, frame) {
  row_names <- is.character(attr(frame, "row.names"))
  switch(extension,
    csv = utils::write.csv(frame, path, row.names = row_names, fileEncoding = "UTF-8"),
    tsv = utils::write.table(frame, path, sep = "\t", row.names = row_names, col.names = if (row_names) NA else TRUE,
                             fileEncoding = "UTF-8"),
    json = write_text(path, as_lines(file_json(frame))),
    jsonl = write_text(path, as_lines(vapply(seq_len(nrow(frame)), function(i) {
      substring(row <- file_json(frame[i, , drop = FALSE]), 2L, nchar(row) - 1L)
    }, ""))),
    stop("a data frame cannot be written as ",
         if (nzchar(extension)) paste0(".", extension) else "a file without extension",
         "; use .csv, .tsv, .json, .jsonl or .rds", call. = FALSE)
  )
}

as_lines <- function(texts) paste0(texts, rep("\n", length(texts)), collapse = "")
write_text <- function(path, text) writeBin(charToRaw(enc2utf8(text)), path)

file_json <- function(value) {
  converted <- faithful(value)
  if (!converted$complete) stop("'content' is too large to be written as JSON", call. = FALSE)
  converted$json
}

# The absolute path of a name below the workspace, without `.` and `..`; NULL when it is not below.
path_below <- function(workspace, name) {
  parts <- strsplit(if (startsWith(name, "/")) name else file.path(workspace, name), "/", fixed = TRUE)[[1L]]
  kept <- character()
  for (part in parts) {
    if (part == "..") kept <- kept[-length(kept)]
    else if (nzchar(part) && part != ".") kept <- c(kept, part)
  }
  path <- paste0("/", paste(kept, collapse = "/"))
  if (startsWith(path, paste0(workspace, "/"))) path else NULL
}
