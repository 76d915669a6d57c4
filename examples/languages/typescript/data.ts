// The parameters and the data of the request are there by name; what they are, the program declares.
interface Observation {
  readonly station: string;
  readonly readings: readonly number[];
}

declare const parameters: { readonly factor: number };
declare const inputData: Observation;
declare function saveResult(name: string, value: unknown): void;

const { station, readings } = inputData;
const scaled = readings.map((reading) => parameters.factor * reading);
const total = scaled.reduce((sum, value) => sum + value, 0);
console.log(`${station}: ${total}`);

saveResult("station", station);
saveResult("total", total);
saveResult("largest", Math.max(...scaled));
