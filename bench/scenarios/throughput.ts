import { barePython } from "../bare.ts";
import { throughput as rate } from "../measure.ts";
import { type Figure, figure, type Scenario } from "../scenario.ts";
import { startServer } from "../server.ts";

const hello = "print(6 * 7)";

/** Executions in a second with several clients, each in a fresh sandbox. */
export const throughput: Scenario = {
  name: "throughput",
  async run({ effort }) {
    const server = await startServer(["--preload", ""]);
    const figures: Figure[] = [];
    try {
      for (const clients of [1, 4, 16]) {
        const total = Math.ceil(250 * effort);
        const ours = () => rate(total, clients, () => server.execute(hello));
        const peer = () => rate(total, clients, barePython(hello));
        await rate(Math.ceil(total / 5), clients, () => server.execute(hello));
        // Twice in turn, so that a slow spell of the machine falls on both.
        const rates = [await ours(), await peer(), await peer(), await ours()];
        figures.push(
          figure({
            name: `executions per second, ${clients} ${clients === 1 ? "client" : "clients"}`,
            unit: "1/s",
            ours: ((rates[0] ?? 0) + (rates[3] ?? 0)) / 2,
            peer: ((rates[1] ?? 0) + (rates[2] ?? 0)) / 2,
            peerName: `python3 -c, ${clients} at a time`,
            goal: { of: "ratio", atLeast: 2 },
          }),
        );
      }
    } finally {
      await server.stop();
    }
    return figures;
  },
};
