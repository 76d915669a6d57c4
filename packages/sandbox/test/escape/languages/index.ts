import { artifacts } from "./artifacts/index.ts";
import { disk } from "./disk.ts";
import { files } from "./files/index.ts";
import { kernel } from "./kernel/index.ts";
import { memory } from "./memory/index.ts";
import { network } from "./network.ts";
import { output } from "./output.ts";
import { privileges } from "./privileges/index.ts";
import { processes } from "./processes/index.ts";
import { protocol } from "./protocol/index.ts";
import { shared } from "./shared.ts";
import { signals } from "./signals/index.ts";
import type { Theme } from "./theme.ts";

/** What fills the machine or is judged by how fast it ends. */
export const loudThemes: readonly Theme[] = [memory, output, processes, signals];

export const quietThemes: readonly Theme[] = [artifacts, disk, files, kernel, network, privileges, protocol, shared];

/** All attacks in other languages than Python. */
export const themes: readonly Theme[] = [...quietThemes, ...loudThemes];
