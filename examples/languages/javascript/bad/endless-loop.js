// Uses CPU time and never ends.
let count = 0;
while (true) {
  count += 1;
}
