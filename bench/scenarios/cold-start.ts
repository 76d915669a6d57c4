import { join } from "node:path";
import { barePython, run } from "../bare.ts";
import { pair, summarize } from "../measure.ts";
import { type Figure, figure, type Scenario } from "../scenario.ts";
import { startServer } from "../server.ts";

const libraries = "import numpy, pandas, scipy.stats, matplotlib.pyplot, seaborn";
const main = join(import.meta.dirname, "../../packages/cli/dist/main.js");

/** `glovebox run`, which makes its sandboxes for one program and removes them. */
async function commandLine(rounds: number): Promise<Figure> {
  const ours = () => run([process.execPath, main, "run", "-c", "print(1)"]);
  const times = await pair(rounds, 1, ours, () => run([process.execPath, "-e", "0"]));
  const [own, peer] = [summarize(times.ours), summarize(times.peer)];
  return figure({
    name: "glovebox run of a Python program, from start to exit, median",
    unit: "ms",
    ours: own.median,
    peer: peer.median,
    peerName: "node -e 0",
    details: { rounds, fastest: Math.min(...times.ours), fastestPeer: Math.min(...times.peer) },
  });
}

/** From starting the server process, which preloads the libraries, to its first answer. */
async function server(rounds: number): Promise<Figure> {
  const first = async () => {
    const started = await startServer();
    await started.execute("print(6 * 7)");
    void started.stop();
  };
  const times = await pair(rounds, 1, first, barePython(libraries));
  const [ours, peer] = [summarize(times.ours), summarize(times.peer)];
  return figure({
    name: "cold start of the server until the first answer, median",
    unit: "ms",
    ours: ours.median,
    peer: peer.median,
    peerName: "python3 -c importing the same libraries",
  });
}

export const coldStart: Scenario = {
  name: "cold-start",
  run: async ({ effort }) => [
    await commandLine(Math.max(3, Math.ceil(25 * effort))),
    await server(Math.max(2, Math.ceil(5 * effort))),
  ],
};
