// A syntax error: the bracket of line 4 is never closed.
const readings: number[] = [3, 5, 8, 13];

const total: number = readings.reduce((sum, value) => sum + value, 0;
console.log(total);
