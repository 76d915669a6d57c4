import { describe, expect, it } from "vitest";
import { parseResultLine, parseRunnerMessage } from "./from-program.ts";

const repeated = (text: string, count: number) => Array.from({ length: count }, () => text).join(",");
const keys = (count: number) => Array.from({ length: count }, (_, index) => `"k${index}":0`).join(",");
const error = (frames: string, more = "") =>
  `{"type":"error","error":{"type":"T","message":"","traceback":"","line":null,"frames":[${frames}]${more}}}`;
const frame = '{"file":"a","line":1,"function":"","source":null}';

describe("what a program says in JSON", () => {
  it("is a message of a runner, or a line of results, as it is", () => {
    expect(parseRunnerMessage('{"type":"value","value":[1]}')).toEqual({ type: "value", value: [1] });
    expect(parseResultLine('{"name":"n","value":{"a":null}}')).toEqual({ name: "n", value: { a: null } });
    expect(parseRunnerMessage(error(repeated(frame, 1_000)))).toMatchObject({ error: { type: "T" } });
  });

  it.each(["", "{", "1", "null", '{"type":"value"}', `{"type":"value","value":${"[".repeat(101)}${"]".repeat(101)}}`])(
    "is nothing when it is %s",
    (text) => {
      expect(parseRunnerMessage(text)).toBeUndefined();
      expect(parseResultLine(text)).toBeUndefined();
    },
  );

  it("may have values of any size", () => {
    const value = `[${repeated("[]", 200_000)}]`;
    expect(parseRunnerMessage(`{"type":"value","value":${value}}`)).toMatchObject({ type: "value" });
    expect(parseRunnerMessage(`{"type":"display","data":{"a/b":${value}}}`)).toMatchObject({ type: "display" });
    expect(parseRunnerMessage(`{"type":"variables","variables":{"a":${value}}}`)).toMatchObject({ type: "variables" });
    expect(parseResultLine(`{"name":"n","value":${value}}`)).toMatchObject({ name: "n" });
  });

  it.each([
    ["frames", error(repeated(frame, 1_001))],
    ["fields", error("", `,${keys(1_001)}`)],
    ["fields of frames", error(repeated(`{${keys(900)}}`, 12))],
    ["displays", `{"type":"display","data":{${keys(1_001)}}}`],
    ["variables", `{"type":"variables","variables":{${keys(1_001)}}}`],
    ["fields of the message", `{"type":"warning","message":"",${keys(1_001)}}`],
  ])("is nothing when it has more %s than a message needs", (_, text) => {
    expect(parseRunnerMessage(text)).toBeUndefined();
  });

  it("is refused before its entries are looked at", () => {
    const used = (text: string) => {
      const before = process.cpuUsage();
      expect(parseRunnerMessage(text)).toBeUndefined();
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1_000;
    };
    // A schema that looks at each of them takes 10,000 ms of CPU for the first (measured).
    expect(used(error(repeated("{}", 300_000)))).toBeLessThan(1_000);
    expect(used(`{"type":"display","data":{${keys(300_000)}}}`)).toBeLessThan(1_000);
  });
});
