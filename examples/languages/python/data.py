# The parameters and the data of the request are there by name; save_result puts values into the record.
scaled = [parameters["factor"] * reading for reading in input_data["readings"]]
print(f"{input_data['station']}: {sum(scaled)}")

save_result("station", input_data["station"])
save_result("total", sum(scaled))
save_result("largest", max(scaled))
