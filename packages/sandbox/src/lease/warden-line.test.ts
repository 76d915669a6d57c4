import { duplexPair } from "node:stream";
import { describe, expect, it } from "vitest";
import { encodeFrame } from "../frames/codec.ts";
import { WardenLine } from "./warden-line.ts";

/** A line and its other end, with what is taken from it and told of it. */
function open(work: (payload: string) => void | Promise<void> = () => {}) {
  const [connection, warden] = duplexPair();
  warden.on("error", () => {});
  const taken: string[] = [];
  const faults: string[] = [];
  const line = new WardenLine(connection);
  line.open({
    take(_kind, payload) {
      taken.push(payload.toString());
      return work(payload.toString());
    },
    fault: (message) => faults.push(message),
  });
  const send = (...texts: readonly string[]) =>
    warden.write(Buffer.concat(texts.flatMap((text) => encodeFrame(1, Buffer.from(text)))));
  return { connection, warden, line, taken, faults, send };
}

const failing = (message: string) => () => {
  throw new Error(message);
};
const soon = () => new Promise((resolve) => setTimeout(resolve, 5));

describe("the line to a warden", () => {
  it("gives frames one after the other, however they come", async () => {
    const { warden, taken, send } = open();
    send("a", "b");
    for (const byte of Buffer.concat(encodeFrame(1, Buffer.from("cd")))) warden.write(Buffer.from([byte]));
    await soon();
    expect(taken).toEqual(["a", "b", "cd"]);
  });

  it("takes no frame while the work on one is pending, and reads nothing", async () => {
    let done = () => {};
    const { connection, taken, send } = open((text) => {
      if (text !== "a") return undefined;
      return new Promise<void>((resolve) => {
        done = resolve;
      });
    });
    send("a", "b");
    await soon();
    expect([taken, connection.isPaused()]).toEqual([["a"], true]);
    done();
    send("c");
    await soon();
    expect([taken, connection.isPaused()]).toEqual([["a", "b", "c"], false]);
  });

  it("reads nothing while it is held, and goes on where it was", async () => {
    const { line, taken, send } = open();
    line.hold();
    send("a");
    await soon();
    expect([taken, line.held]).toEqual([[], true]);
    line.resume();
    await soon();
    expect([taken, line.held]).toEqual([["a"], false]);
  });

  it("stays held when work ends meanwhile", async () => {
    let done = () => {};
    const { line, connection, taken, send } = open(
      () =>
        new Promise<void>((resolve) => {
          done = resolve;
        }),
    );
    send("a");
    await soon();
    line.hold();
    done();
    send("b");
    await soon();
    expect([taken, connection.isPaused()]).toEqual([["a"], true]);
  });

  it.each<[string, () => void | Promise<void>]>([
    ["throws", failing("no frame")],
    ["rejects", () => Promise.reject(new Error("no frame"))],
  ])("breaks once, and for good, when taking a frame %s", async (_, work) => {
    const { connection, taken, faults, send } = open(work);
    send("a", "b");
    await soon();
    expect([taken, faults]).toEqual([["a"], ["the sandbox broke its protocol: no frame"]]);
    expect(connection.destroyed).toBe(true);
  });

  it("breaks at a length that no frame has", async () => {
    const { warden, faults } = open();
    warden.write(Buffer.from("ffffffff01", "hex"));
    await soon();
    expect(faults).toEqual(["the sandbox broke its protocol: frame of 4294967295 bytes"]);
  });

  it("tells that the connection ended, after the frames that it brought", async () => {
    let done = () => {};
    const { connection, taken, faults, send } = open((text) => {
      if (text !== "a") return undefined;
      return new Promise<void>((resolve) => {
        done = resolve;
      });
    });
    send("a", "b");
    await soon();
    connection.destroy();
    await soon();
    expect([taken, faults]).toEqual([["a"], []]);
    done();
    await soon();
    expect([taken, faults]).toEqual([["a", "b"], ["the sandbox ended without a result"]]);
  });

  it("tells of an error of the connection what the system says", async () => {
    const { connection, faults } = open();
    connection.destroy(new Error("ECONNRESET"));
    await soon();
    expect(faults).toEqual(["the connection to the sandbox broke: ECONNRESET"]);
  });

  it("that is gone already is a fault at once", () => {
    const [connection] = duplexPair();
    connection.destroy();
    const faults: string[] = [];
    new WardenLine(connection).open({ take: () => {}, fault: (message) => faults.push(message) });
    expect(faults).toEqual(["the sandbox ended before it was given its program"]);
  });

  it("that is closed tells nothing more, sends nothing, and its connection is gone", async () => {
    const { connection, line, taken, faults, send } = open();
    line.close();
    send("a");
    line.send([Buffer.from("x")]);
    await soon();
    expect([taken, faults, connection.destroyed]).toEqual([[], [], true]);
  });
});
