"use strict";
/**
 * The end of the process.
 *
 * Node ends a program whose event loop is empty by taking its heap apart: milliseconds in which nothing can be seen of
 * it any more. The runner leaves as `process.exit` does, once the program's own "exit" listeners have run: its listener
 * is kept the last. It says the status on the channel just before.
 */
const { reallyExit } = process;

/** Status of a program whose top-level await never came to an end; Node says more about it then. */
const UNSETTLED = 13;

class Finish {
  #channel;
  #inside;
  #isFatal = false;

  constructor(channel, inside) {
    this.#channel = channel;
    this.#inside = inside;
  }

  /** An uncaught error is about to end the program: Node prints it after the "exit" listeners, and leaves. */
  setFatal() {
    this.#isFatal = true;
  }

  /** `onEnd` is called when the program is over, before its own "exit" listeners. */
  install(onEnd) {
    const channel = this.#channel;
    process.reallyExit = (code) => {
      channel.end(Number(code) || 0);
      reallyExit.call(process, code);
    };
    const leave = () => {
      const status = process.exitCode ?? 0;
      if (this.#isFatal || status === UNSETTLED || this.#inside.entryIsPending()) return;
      process.reallyExit(status);
    };
    let isMoving = false;
    process.on("exit", onEnd);
    process.on("exit", leave);
    process.on("newListener", (event, listener) => {
      if (event !== "exit" || listener === leave || isMoving) return;
      isMoving = true;
      process.off("exit", leave);
      process.nextTick(() => {
        process.on("exit", leave);
        isMoving = false;
      });
    });
  }
}

module.exports = { Finish };
