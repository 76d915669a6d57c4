# Forks without end, and no child ends; an uncaught error ends it when the kernel refuses one, after waiting for 10 s.
repeat parallel::mcparallel(Sys.sleep(1000), detached = TRUE)
