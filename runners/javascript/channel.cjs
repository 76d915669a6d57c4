"use strict";
/**
 * The stream of messages from the runner to the warden: a 4-byte big-endian length and a UTF-8 JSON object each.
 *
 * Theory of operation. Only the main thread writes, and synchronously, so frames never meet. The program may close
 * the descriptor, and its number may then be that of a file of its own; so the pipe's identity is compared before each
 * write. A channel that breaks once stays silent: the program goes on without a listener.
 *
 * What this needs of Node is taken when the module is loaded; a program that replaces `fs.writeSync` does not get in.
 */
const { fstatSync, writeSync } = require("node:fs");

const MAX_MESSAGE_BYTES = 8 * 1024 * 1024;
const MAX_WARNING = 4000;

/** In the place of a length: the process ends now, with the status in the byte that follows. */
const END = 0xffffffff;

const { stringify } = JSON;
const { alloc, allocUnsafe, byteLength } = Buffer;
const { wait } = Atomics;
const pause = new Int32Array(new SharedArrayBuffer(4));

class Channel {
  #descriptor;
  #identity;
  #broken = false;

  constructor(descriptor) {
    this.#descriptor = descriptor;
    this.#identity = identityOf(descriptor);
  }

  /** Writes one message. False, and nothing is written, if it is larger than MAX_MESSAGE_BYTES. */
  send(message) {
    const body = stringify(message);
    const size = byteLength(body);
    if (size > MAX_MESSAGE_BYTES) return false;
    const frame = allocUnsafe(4 + size);
    frame.writeUInt32BE(size, 0);
    frame.write(body, 4);
    this.#write(frame);
    return true;
  }

  warn(text) {
    this.send({ type: "warning", message: text.slice(0, MAX_WARNING).toWellFormed() });
  }

  /** The last word: with which status this process ends now. */
  end(status) {
    const frame = alloc(5);
    frame.writeUInt32BE(END, 0);
    frame.writeUInt8(status & 0xff, 4);
    this.#write(frame);
  }

  #write(frame) {
    if (this.#broken) return;
    if (identityOf(this.#descriptor) !== this.#identity) {
      this.#broken = true;
      return;
    }
    for (let done = 0; done < frame.length; ) {
      try {
        done += writeSync(this.#descriptor, frame, done);
      } catch (error) {
        if (error.code !== "EAGAIN") {
          this.#broken = true;
          return;
        }
        wait(pause, 0, 0, 1);
      }
    }
  }
}

function identityOf(descriptor) {
  try {
    const { dev, ino } = fstatSync(descriptor);
    return `${dev}:${ino}`;
  } catch {
    return null;
  }
}

module.exports = { Channel, MAX_MESSAGE_BYTES };
