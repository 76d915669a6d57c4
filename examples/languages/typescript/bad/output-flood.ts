// Prints without end.
const line: string = "x".repeat(79);
while (true) {
  console.log(line);
}
