# Loads the parts of the runner into the environment that this is evaluated in, compiled; `home` is their folder.
parts <- c("json_tokens", "json_reader", "cells", "values", "messages", "base64", "plots", "displays", "files",
           "helpers", "places", "errors", "rscript", "program")
for (part in parts) sys.source(file.path(home, paste0(part, ".R")), environment(), keep.source = FALSE)
for (name in ls(environment())) {
  if (is.function(get(name))) assign(name, compiler::cmpfun(get(name), list(suppressAll = TRUE)))
}
rm(parts, part, name)
