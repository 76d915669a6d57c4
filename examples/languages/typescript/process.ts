// What a program is given and what it leaves: arguments, environment, folder, input, two outputs, exit status.
import fs from "node:fs";

const [line]: string[] = fs.readFileSync(0, "utf8").split("\n");
console.log(`${process.argv.slice(2).join("|")}\n${process.env.GREETING}\n${process.cwd()}\n${line}`);
console.error("to stderr");
await new Promise<void>((resolve) => setTimeout(resolve, 300));
console.log("end");
process.exitCode = 7;
