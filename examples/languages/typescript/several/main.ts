// A program of several files: the other one holds a function that this one calls.
import { twice } from "./tools/twice.ts";

console.log("twice 21 is", twice(21));
