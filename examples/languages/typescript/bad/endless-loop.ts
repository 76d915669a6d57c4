// Uses CPU time and never ends.
let count: number = 0;
while (true) {
  count += 1;
}
