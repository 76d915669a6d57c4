# Bytes as base64 text, three bytes to four letters in whole columns: 100 KB take a few milliseconds.

base64_letters <- charToRaw("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")

base64 <- function(bytes) {
  size <- length(bytes)
  if (size == 0L) return("")
  padding <- -size %% 3L
  triples <- matrix(as.integer(c(bytes, raw(padding))), nrow = 3L)
  word <- triples[1L, ] * 65536L + triples[2L, ] * 256L + triples[3L, ]
  letters <- rbind(word %/% 262144L, word %/% 4096L %% 64L, word %/% 64L %% 64L, word %% 64L)
  text <- base64_letters[letters + 1L]
  if (padding > 0L) text[length(text) + 1L - seq_len(padding)] <- charToRaw("=")
  rawToChar(text)
}
