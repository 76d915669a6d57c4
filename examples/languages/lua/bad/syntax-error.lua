-- A syntax error: line 4 closes a bracket that was never opened.
local readings = { 3, 5, 8, 13 }

local count = select("#", table.unpack(readings)))
print(count)
