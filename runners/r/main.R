# The R runner. It runs as the first expression of R's console, before the program (see park.sh).
#
# The life of a run
#   1. The parts are loaded into an environment of their own, which nothing of the program's reaches and which sees
#      nothing but base R: what a program does to its global environment or search path changes nothing here.
#   2. {"type": "parked"} is sent, and the start awaited.
#   3. The task is read. The process takes its environment, the helpers are attached, R is told the arguments
#      (`become_program`). The program is appended to the file that the console reads, and this expression is over.
#   4. The console runs the program. After each of its expressions a callback notes how many there were and whether
#      the last was visible; a global handler notes an error (`errors.R`).
#   5. Whatever ends R, its last finalizer sends what is left: the error or the value, variables, plots (`finish`).
#      Processes that the program forks have this state too and send nothing by themselves.
#
# The parts come compiled from the image that `warm.R` makes; where there is none they are compiled here.

image <- file.path(warm, "runner.rds")
if (file.exists(image)) {
  runner <- readRDS(image)
} else {
  runner <- list2env(list(home = home), parent = baseenv())
  eval(parse(file.path(home, "load.R"), keep.source = FALSE), runner)
}
runner$start(job, warm)
