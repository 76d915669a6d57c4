# Makes what starts R programs faster. Called as: warm.R FOLDER HOME, the folder to fill and the runner's own.
#
# runner.rds    the runner, compiled, which takes R 0.3 s.
# fontconfig/   what fontconfig knows of the host's fonts, unless it finds a cache of the host's.

folder <- commandArgs(trailingOnly = TRUE)[1L]
home <- commandArgs(trailingOnly = TRUE)[2L]

runner <- list2env(list(home = home), parent = baseenv())
eval(parse(file.path(home, "load.R"), keep.source = FALSE), runner)
saveRDS(runner, file.path(folder, "runner.rds"), compress = FALSE)

Sys.setenv(XDG_CACHE_HOME = folder)
png(tempfile(), type = "cairo")
plot(1, main = "a")
invisible(dev.off())
