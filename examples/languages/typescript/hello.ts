// The shortest program.
const language: string = "TypeScript";
console.log(`Hello from ${language}`);
