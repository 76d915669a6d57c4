// Starts processes without end, and none ends; an uncaught error event ends it when the kernel refuses one.
import { spawn } from "node:child_process";

setInterval(() => spawn("sleep", ["1000"], { stdio: "ignore" }), 1);
