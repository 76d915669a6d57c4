import { expect, test } from "vitest";
import { serverAddress } from "./server-address.ts";

test.each([
  ["http://127.0.0.1:7070", "http://127.0.0.1:7070/"],
  ["localhost:7070", "http://localhost:7070/"],
  ["[::1]:80", "http://[::1]/"],
  ["https://boxes.example/glovebox", "https://boxes.example/glovebox/"],
])("%s is the address %s", (text, address) => {
  expect(serverAddress(text, undefined)?.href).toBe(address);
  expect(serverAddress(undefined, text)?.href).toBe(address);
});

test("the option wins over the variable, and an empty variable is none", () => {
  expect(serverAddress("a:1", "b:2")?.host).toBe("a:1");
  expect(serverAddress(undefined, "")).toBeUndefined();
  expect(serverAddress(undefined, undefined)).toBeUndefined();
});

test.each(["", "ftp://a", "http://", "http://user:secret@a", "http://a/?x=1"])("%j is refused", (text) => {
  expect(() => serverAddress(text, undefined)).toThrow("--server: needs the address of a server");
});

test("a wrong variable is named", () => {
  expect(() => serverAddress(undefined, "http://")).toThrow("GLOVEBOX_SERVER: needs the address");
});
