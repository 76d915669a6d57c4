// Runs a program on a server without waiting for it, follows its events, and fetches the files that it made.
// usage: node watch.mjs [http://127.0.0.1:7070]
import { createHash } from "node:crypto";

const server = process.argv[2] ?? "http://127.0.0.1:7070";
const code = `
for n in range(3):
    print("step", n)
open("squares.csv", "w").write("\\n".join(f"{n},{n * n}" for n in range(5)))
`;

/** Sends a request; a problem is thrown as what it says. */
async function call(path, options) {
  const response = await fetch(server + path, options);
  if (!response.ok) throw new Error(JSON.parse(await response.text()).detail);
  return response;
}

const accepted = await call("/v1/executions", {
  method: "POST",
  headers: { "content-type": "application/json", prefer: "respond-async" },
  body: JSON.stringify({ language: "python", code }),
});
const path = accepted.headers.get("location");

const { body } = await call(`${path}/events`);
let text = "";
let execution;
for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
  text += chunk;
  const blocks = text.split("\n\n");
  text = blocks.pop();
  for (const block of blocks) {
    if (block.startsWith(":")) continue; // a comment, which shows that the server is there
    const event = JSON.parse(block.split("\ndata: ")[1]);
    if (event.type === "stdout") process.stdout.write(event.text);
    if (event.type === "rejected") throw new Error(event.problem.detail);
    if (event.type === "finished") execution = event.execution;
  }
}

console.log("outcome:", execution.outcome.kind, execution.outcome.code);
for (const { path: name, sha256 } of execution.artifacts) {
  const artifact = await call(`${path}/artifacts/${encodeURIComponent(name)}`);
  const content = Buffer.from(await artifact.arrayBuffer());
  const isWhole = createHash("sha256").update(content).digest("hex") === sha256;
  console.log(`${name}: ${content.length} bytes, ${isWhole ? "as the record says" : "damaged"}`);
}
await call(path, { method: "DELETE" });
