# The parameters and the data of the request are there by name; save_result puts values into the record.
station, readings = input_data.values_at("station", "readings")
scaled = readings.map { |reading| parameters["factor"] * reading }
puts "#{station}: #{scaled.sum}"

save_result("station", station)
save_result("total", scaled.sum)
save_result("largest", scaled.max)
