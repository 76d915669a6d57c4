import { barePython } from "../bare.ts";
import { pair, summarize } from "../measure.ts";
import { figure, type Scenario } from "../scenario.ts";
import { startServer } from "../server.ts";

const libraries = "import numpy, pandas, scipy.stats, matplotlib.pyplot, seaborn";

/** From starting the server process, which preloads the libraries, to its first answer. */
export const coldStart: Scenario = {
  name: "cold-start",
  async run({ effort }) {
    const first = async () => {
      const server = await startServer();
      await server.execute("print(6 * 7)");
      void server.stop();
    };
    const times = await pair(Math.max(2, Math.ceil(5 * effort)), 1, first, barePython(libraries));
    const [ours, peer] = [summarize(times.ours), summarize(times.peer)];
    return [
      figure({
        name: "cold start of the server until the first answer, median",
        unit: "ms",
        ours: ours.median,
        peer: peer.median,
        peerName: "python3 -c importing the same libraries",
      }),
    ];
  },
};
