/** What every attack in JavaScript begins with. Its first argument says how much to take; without it nothing is taken. */
const preludeJavascript = String.raw`
const child = require("node:child_process");
const dgram = require("node:dgram");
const dns = require("node:dns");
const fs = require("node:fs");
const net = require("node:net");
const os = require("node:os");
const { Worker } = require("node:worker_threads");
const amount = Number(process.argv[2] ?? 0);
const told = process.env;
const say = (name, what) => fs.writeSync(1, JSON.stringify({ [name]: what }) + "\n");
const pauseFor = (seconds) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, seconds * 1000);
/** What came of an action: "ok" or the name of its error. */
const outcome = (action) => {
  try {
    action();
    return "ok";
  } catch (error) {
    return error.info?.code ?? error.code ?? String(error);
  }
};
const trial = (name, action) => say(name, outcome(action));
const peek = (path) => {
  if (fs.statSync(path).isDirectory()) fs.readdirSync(path);
  else {
    const descriptor = fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK | fs.constants.O_NOCTTY);
    try {
      fs.readSync(descriptor, Buffer.alloc(65536));
    } finally {
      fs.closeSync(descriptor);
    }
  }
};
const poke = (path, text) => {
  const { O_WRONLY, O_NOCTTY, O_NONBLOCK } = fs.constants;
  const descriptor = fs.openSync(path, O_WRONLY | O_NOCTTY | O_NONBLOCK);
  try {
    fs.writeSync(descriptor, text);
  } finally {
    fs.closeSync(descriptor);
  }
};
const listing = (path) => {
  try {
    return fs.readdirSync(path).sort().join(" ");
  } catch (error) {
    return error.code;
  }
};
const writeAll = (descriptor, data) => {
  while (data.length > 0) {
    try {
      data = data.subarray(fs.writeSync(descriptor, data));
    } catch (error) {
      if (error.code !== "EAGAIN") return;
    }
  }
};
`;

export function programJavascript(body: string): string {
  return `${preludeJavascript}(async () => {\n${body}\n})();\n`;
}
