# Plots that the program draws without opening a device: each page becomes a display.
#
# The pages are files in R's own temporary folder, `DEVICE-PAGE.png`. R writes a page when the next one begins or its
# device is closed; until then the file is empty. Pages that are written are sent after each expression of the program
# and before anything else is displayed, so that displays come in the order in which they were finished; the others at
# the end. A device that the program opens itself (`png("a.png")`) writes its own file and is none of ours.

plots <- new.env(parent = emptyenv())
plots$devices <- 0L

page_folder <- function() file.path(tempdir(), "glovebox-pages")

# 7 by 7 inches is what Rscript's own device has, so that what fits there fits here.
open_page_device <- function(width = 7, height = 7, ...) {
  dir.create(page_folder(), showWarnings = FALSE)
  plots$devices <- plots$devices + 1L
  pattern <- file.path(page_folder(), sprintf("%05d-%%05d.png", plots$devices))
  grDevices::png(pattern, width = width, height = height, units = "in", res = 96, type = "cairo")
}

send_finished_pages <- function() {
  if (plots$devices == 0L || !is_program_itself()) return()
  pages <- sort(list.files(page_folder(), full.names = TRUE))
  for (page in pages[file.size(pages) > 0]) {
    send_page(page)
    unlink(page)
  }
}

send_last_pages <- function() {
  if (plots$devices == 0L) return()
  grDevices::graphics.off()
  send_finished_pages()
  unlink(page_folder(), recursive = TRUE)
}

send_page <- function(path) {
  image <- base64(readBin(path, "raw", file.size(path)))
  if (!send_message(paste0('{"type":"display","data":{"image/png":"', image, '"}}'))) {
    send_warning("a plot is larger than ", max_message_bytes, " bytes and was left out")
  }
}

# The page that printing a plot object draws, in base64; devices of the program stay as they are.
draw_object <- function(plot) {
  path <- tempfile("glovebox-page-", fileext = ".png")
  on.exit(unlink(path))
  before <- grDevices::dev.cur()
  grDevices::png(path, width = 7, height = 7, units = "in", res = 96, type = "cairo")
  tryCatch({
    frame <- list2env(list(plot = plot), parent = globalenv())
    if (inherits(plot, c("grob", "gTree"))) grid::grid.draw(plot) else evalq(base::print(plot), frame)
  }, finally = {
    grDevices::dev.off()
    if (before > 1L) grDevices::dev.set(before)
  })
  base64(readBin(path, "raw", file.size(path)))
}

# Reading all fonts of the host takes fontconfig 0.2 s. Where the host's cache is not to be seen, `warm.R` made one. The
# folder is the program's, to which fontconfig may have to add.
link_font_cache <- function(cache) {
  target <- file.path(Sys.getenv("XDG_CACHE_HOME"), "fontconfig")
  files <- list.files(cache)
  if (length(files) == 0L || !startsWith(target, "/")) return()
  dir.create(target, recursive = TRUE, showWarnings = FALSE)
  suppressWarnings(file.symlink(file.path(cache, files), file.path(target, files)))
}
