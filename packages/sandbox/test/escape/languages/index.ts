import { artifacts } from "./artifacts.ts";
import { disk } from "./disk.ts";
import { files } from "./files.ts";
import { kernel } from "./kernel.ts";
import { memory } from "./memory.ts";
import { network } from "./network.ts";
import { output } from "./output.ts";
import { privileges } from "./privileges.ts";
import { processes } from "./processes.ts";
import { protocol } from "./protocol.ts";
import { shared } from "./shared.ts";
import { signals } from "./signals.ts";
import type { Theme } from "./theme.ts";

/** All attacks in other languages than Python. */
export const themes: readonly Theme[] = [
  artifacts,
  disk,
  files,
  kernel,
  memory,
  network,
  output,
  privileges,
  processes,
  protocol,
  shared,
  signals,
];
