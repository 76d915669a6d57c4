"""A program that lists the distributions whose modules a program can import: name, tab, version on each line."""
from importlib.metadata import distributions

found = {}
for distribution in distributions():
    name = distribution.metadata["Name"]
    if name:  # a folder that is no whole distribution has none
        found.setdefault(name, distribution.metadata["Version"] or "")  # the first on the path is imported
for name in sorted(found, key=str.lower):
    print(name, found[name], sep="\t")
