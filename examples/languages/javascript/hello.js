// The shortest program.
console.log("Hello from JavaScript");
