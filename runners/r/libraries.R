# A program that lists the packages that library() finds: name, tab, version on each line.
packages <- installed.packages()
packages <- packages[!duplicated(packages[, "Package"]), c("Package", "Version"), drop = FALSE]
packages <- packages[order(tolower(packages[, "Package"])), , drop = FALSE]
cat(sprintf("%s\t%s\n", packages[, "Package"], packages[, "Version"]), sep = "")
