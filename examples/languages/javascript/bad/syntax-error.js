// A syntax error: the bracket of line 4 is never closed.
const readings = [3, 5, 8, 13];

const total = readings.reduce((sum, value) => sum + value, 0;
console.log(total);
