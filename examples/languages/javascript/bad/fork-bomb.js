// Starts processes without end, and none ends; an uncaught error event ends it when the kernel refuses one.
const { spawn } = require("node:child_process");

setInterval(() => spawn("sleep", ["1000"], { stdio: "ignore" }), 1);
