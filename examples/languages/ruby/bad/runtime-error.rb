# An uncaught exception in a method, line 3, that the top level calls.
def label(station)
  station[:name].upcase
end

puts label({ readings: [3, 5] })
