// Prints without end.
while (true) {
  console.log("x".repeat(79));
}
