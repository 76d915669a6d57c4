import { barePython } from "../bare.ts";
import { pair, summarize } from "../measure.ts";
import { figure, type Scenario } from "../scenario.ts";
import { startServer } from "../server.ts";

const hello = "print(6 * 7)";
const withPandas = "import pandas as pd\nprint(pd.DataFrame({'a': [1, 2, 3]}).a.sum())";

/** One client, one request after the other, each in a fresh sandbox. */
export const latency: Scenario = {
  name: "latency",
  async run({ effort }) {
    const server = await startServer();
    try {
      // The libraries are loaded behind the first answers; wait for them, or pandas would be measured without.
      const deadline = performance.now() + 60_000;
      while (performance.now() < deadline) {
        const start = performance.now();
        await server.execute(withPandas);
        if (performance.now() - start < 100) break;
      }
      const plain = await pair(Math.ceil(100 * effort), 10, () => server.execute(hello), barePython(hello));
      const data = await pair(Math.ceil(15 * effort), 2, () => server.execute(withPandas), barePython(withPandas));
      const [ours, peer] = [summarize(plain.ours), summarize(plain.peer)];
      const [ourData, peerData] = [summarize(data.ours), summarize(data.peer)];
      return [
        figure({
          name: "fresh Python execution over HTTP, median",
          unit: "ms",
          ours: ours.median,
          peer: peer.median,
          peerName: "python3 -c",
          goal: { of: "ratio", atMost: 0.4 },
          details: { p95: ours.p95, peerP95: peer.p95 },
        }),
        figure({
          name: "with pandas used, median",
          unit: "ms",
          ours: ourData.median,
          peer: peerData.median,
          peerName: "python3 -c with import",
          goal: { of: "ratio", atMost: 0.03 },
          details: { p95: ourData.p95, peerP95: peerData.p95 },
        }),
      ];
    } finally {
      await server.stop();
    }
  },
};
