-- The parameters and the data of the request are there by name; save_result puts values into the record.
local total, largest = 0, math.mininteger
for _, reading in ipairs(input_data.readings) do
  local scaled = parameters.factor * reading
  total, largest = total + scaled, math.max(largest, scaled)
end
print(("%s: %d"):format(input_data.station, total))

save_result("station", input_data.station)
save_result("total", total)
save_result("largest", largest)
