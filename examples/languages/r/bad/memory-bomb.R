# Takes 16 MiB after 16 MiB and writes on all of it; an error ends it where memory is refused.
blocks <- list()
repeat blocks[[length(blocks) + 1]] <- rep(1, 2^21)
