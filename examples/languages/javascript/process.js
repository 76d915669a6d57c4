// What a program is given and what it leaves: arguments, environment, folder, input, two outputs, exit status.
const fs = require("node:fs");

const [line] = fs.readFileSync(0, "utf8").split("\n");
console.log(`${process.argv.slice(2).join("|")}\n${process.env.GREETING}\n${process.cwd()}\n${line}`);
console.error("to stderr");
setTimeout(() => {
  console.log("end");
  process.exitCode = 7;
}, 300);
