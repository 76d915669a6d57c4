-- A program of several files: the other one holds a function that this one calls.
local twice = require("tools.twice")

print("twice 21 is " .. twice(21))
