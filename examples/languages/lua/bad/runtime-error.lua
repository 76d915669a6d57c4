-- An uncaught error in a function, line 3, that the top level calls.
local function label(station)
  return station.name:upper()
end

print(label({ readings = { 3, 5 } }))
