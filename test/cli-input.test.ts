/** What the command line passes to a program: files, values, standard input. */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { sha256 } from "../packages/sandbox/test/support/sha256.ts";
import { type Ended, endChildren } from "./support/child.ts";
import { run, scratchFiles, seen } from "./support/cli.ts";
import { glovebox } from "./support/glovebox.ts";

endChildren();
const { put, outFolder } = scratchFiles();

const printsWhatItGets = `
import json, os, sys
print(json.dumps({
    "args": sys.argv[1:], "file": sys.argv[0], "parameters": parameters, "data": input_data,
    "files": {name: open(name).read() for name in uploaded_files}, "stdin": sys.stdin.read(),
    "greeting": os.environ.get("GREETING"), "secret": os.environ.get("SECRET"),
}))
`;

const gotSchema = z.strictObject({
  args: z.array(z.string()),
  file: z.string(),
  parameters: z.record(z.string(), z.json()),
  data: z.json(),
  files: z.record(z.string(), z.string()),
  stdin: z.string(),
  greeting: z.string().nullable(),
  secret: z.string().nullable(),
});

const gotBy = ({ status, stdout, stderr }: Ended) => {
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return gotSchema.parse(JSON.parse(stdout.toString()));
};

test("a file runs under its own name with the arguments after --", async () => {
  const got = gotBy(await run(put("names.py", printsWhatItGets), "--", "--json", "-x", "a b", ""));
  expect(got).toMatchObject({
    args: ["--json", "-x", "a b", ""],
    file: "names.py",
    files: {},
  });
});

test("a program comes from stdin with '-'", async () => {
  const ended = await glovebox(["run", "-", "--", "one"], {
    stdin: "import sys; print(sys.argv[1:], sys.stdin.read())",
  });
  expect(seen(ended)).toEqual({ status: 0, stdout: "['one'] \n", stderr: "" });
});

test("parameters, data, files, environment and standard input reach the program", async () => {
  const got = gotBy(
    await glovebox(
      [
        ...[
          "run",
          "-c",
          printsWhatItGets,
          "--param",
          "n=3",
          "--param",
          'list=[1, {"a": null}]',
          "--param",
          "text=3 apples",
        ],
        ...["--param", "equation=a=b", "--param", "big=12345678901234567890", "--env", "GREETING=hello = world"],
        ...["--data", `@${put("data.json", '{"ä": [1.5, true]}')}`, "--stdin", put("input.txt", "first\nsecond")],
        ...["--file", put("plain.txt", "plain"), "--file", `sub/named.txt=${put("original.txt", "named")}`],
      ],
      { env: { SECRET: "of the host" } },
    ),
  );
  expect(got).toEqual({
    args: [],
    file: "main.py",
    parameters: { n: 3, list: [1, { a: null }], text: "3 apples", equation: "a=b", big: "12345678901234567890" },
    data: { ä: [1.5, true] },
    files: { "plain.txt": "plain", "sub/named.txt": "named" },
    stdin: "first\nsecond",
    greeting: "hello = world",
    secret: null,
  });
});

test("--data takes JSON", async () => {
  expect(gotBy(await run("-c", printsWhatItGets, "--data", '[null, "x"]')).data).toEqual([null, "x"]);
});

test("what is piped in arrives byte by byte, and so does what the program writes", async () => {
  const bytes = Buffer.concat([Buffer.from([0, 255, 10, 13, 26, 128]), randomBytes(300_000)]);
  const program = `
import sys
data = sys.stdin.buffer.read()
sys.stdout.buffer.write(data)
sys.stderr.buffer.write(bytes(reversed(range(128))))
`;
  const { status, stdout, stderr } = await glovebox(["run", "-c", program], { stdin: bytes });
  expect(status).toBe(0);
  expect(sha256(stdout)).toBe(sha256(bytes));
  expect(stderr).toBe(String.fromCharCode(...[...Array(128).keys()].reverse()));
});

test("a stdin that nobody writes to and nobody closes counts as empty", async () => {
  const { status, stdout, stderr } = seen(
    await glovebox(["run", "-c", "import sys; print(repr(sys.stdin.read()))"], { stdin: "open" }),
  );
  expect({ status, stdout }).toEqual({ status: 0, stdout: "''\n" });
  // What Node gives a child as a pipe is a socket.
  expect(stderr).toContain("glovebox: warning: stdin: nothing came within 0.3 s");
});

test("a large file goes in and comes out unchanged", async () => {
  const bytes = randomBytes(40 * 1024 * 1024);
  const out = outFolder("large");
  const program = `
import hashlib, shutil
print(hashlib.sha256(open("large.bin", "rb").read()).hexdigest())
shutil.copyfile("large.bin", "copy.bin")
`;
  const { status, stdout } = await run("-c", program, "--file", put("large.bin", bytes), "--out", out);
  expect({ status, stdout: stdout.toString() }).toEqual({ status: 0, stdout: `${sha256(bytes)}\n` });
  expect(sha256(readFileSync(join(out, "copy.bin")))).toBe(sha256(bytes));
});
