// A program of several files: the other one holds a function that this one calls.
const { twice } = require("./tools/twice.js");

console.log("twice 21 is", twice(21));
