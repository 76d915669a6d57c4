// The parameters and the data of the request are there by name; saveResult puts values into the record.
const { station, readings } = inputData;
const scaled = readings.map((reading) => parameters.factor * reading);
const total = scaled.reduce((sum, value) => sum + value, 0);
console.log(`${station}: ${total}`);

saveResult("station", station);
saveResult("total", total);
saveResult("largest", Math.max(...scaled));
