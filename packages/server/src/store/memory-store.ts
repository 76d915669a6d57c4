import type { Artifact, ArtifactSink, ExecutionPage, ExecutionSummary } from "@glovebox/protocol";
import {
  type ExecutionFilter,
  type ExecutionStore,
  executionBytes,
  type KeptEvents,
  type ListedArtifact,
  type OverExecution,
  type QueuedExecution,
  type StoreUsage,
} from "../engine/index.ts";
import { cursorOf, positionOf } from "./cursor.ts";
import { MemoryArtifacts } from "./memory-artifacts.ts";
import { isOver, summaryOf } from "./summary.ts";

/** Bytes that are kept of executions that are over: 256 MiB. */
export const defaultKeepBytes = 256 * 1024 * 1024;
/** What an execution takes besides its record, about. */
const overhead = 1024;
const defaultLimit = 50;

interface Entry {
  readonly id: string;
  /** Counts executions as they come. */
  readonly position: number;
  summary: ExecutionSummary;
  /** The execution before it is over. */
  queued: QueuedExecution | undefined;
  json: Uint8Array | undefined;
  events: KeptEvents | undefined;
  contents: MemoryArtifacts | undefined;
  artifacts: ReadonlyMap<string, Artifact>;
  /** All that is counted for it. */
  bytes: number;
}

/*
 * Executions in memory, bounded in bytes. An entry is in `#byId` and `#inOrder` from `add` on, and in `#over` as well when it is
 * over. When there is more than the bound, the first in `#over` are forgotten. Those that are not over are never
 * forgotten, so that the bound can be exceeded by what they are themselves; content of their artifacts is taken only
 * within it. With a bound of 0 nothing is kept beyond its end, and no JSON is made.
 */
export function createMemoryStore({ keepBytes = defaultKeepBytes } = {}): ExecutionStore {
  const byId = new Map<string, Entry>();
  const inOrder: Entry[] = [];
  const over = new Map<string, Entry>();
  let positions = 0;
  let bytes = 0;

  function count(entry: Entry, more: number): void {
    entry.bytes += more;
    bytes += more;
  }

  function forget(entry: Entry): void {
    byId.delete(entry.id);
    over.delete(entry.id);
    inOrder.splice(placeOf(inOrder, entry.position), 1);
    bytes -= entry.bytes;
  }

  /** Forgets what is over until there is room; false when there is none. */
  function makeRoom(more: number): boolean {
    for (const entry of over.values()) {
      if (bytes + more <= keepBytes) break;
      forget(entry);
    }
    return bytes + more <= keepBytes;
  }

  function page(filter: ExecutionFilter): ExecutionPage {
    const { limit = defaultLimit, cursor } = filter;
    const before = cursor === undefined ? inOrder.length : placeOf(inOrder, positionOf(cursor));
    const executions: ExecutionSummary[] = [];
    let last: Entry | undefined;
    for (let index = before - 1; index >= 0; index--) {
      const entry = inOrder[index];
      if (entry === undefined || !matches(entry.summary, filter)) continue;
      if (executions.length === limit) return { executions, nextCursor: cursorOf(last?.position ?? 0) };
      executions.push(entry.summary);
      last = entry;
    }
    return { executions, nextCursor: null };
  }

  function finish(entry: Entry, execution: OverExecution, events: KeptEvents): void {
    if (keepBytes === 0) {
      forget(entry);
      return;
    }
    const json = executionBytes(execution);
    const artifacts = execution.status === "finished" ? execution.artifacts : [];
    entry.summary = summaryOf(execution);
    entry.queued = undefined;
    entry.json = json;
    entry.events = events;
    entry.artifacts = new Map(artifacts.map((artifact) => [artifact.path, artifact]));
    count(entry, json.byteLength + events.bytes + artifacts.length * overhead);
    over.set(entry.id, entry);
    makeRoom(0);
  }

  return {
    async add(execution) {
      const { id } = execution;
      const entry: Entry = {
        id,
        position: positions++,
        summary: summaryOf(execution),
        queued: execution,
        json: undefined,
        events: undefined,
        contents: undefined,
        artifacts: new Map(),
        bytes: 0,
      };
      byId.set(id, entry);
      inOrder.push(entry);
      count(entry, overhead);
      makeRoom(0);
    },
    async start(id, startedAt) {
      const entry = byId.get(id);
      if (entry?.summary.status === "queued") entry.summary = { ...entry.summary, status: "running", startedAt };
    },
    async finish(execution, events) {
      const entry = byId.get(execution.id);
      if (entry !== undefined && !isOver(entry.summary)) finish(entry, execution, events);
    },
    summary: async (id) => byId.get(id)?.summary,
    async json(id) {
      const entry = byId.get(id);
      if (entry?.queued === undefined) return entry?.json;
      const { status, startedAt } = entry.summary;
      return Buffer.from(JSON.stringify({ ...entry.queued, status, startedAt }));
    },
    list: async (filter) => page(filter),
    events: async (id) => byId.get(id)?.events,
    artifacts(id): ArtifactSink | undefined {
      const entry = byId.get(id);
      if (keepBytes === 0 || entry === undefined) return undefined;
      entry.contents = new MemoryArtifacts((more) => {
        const isThere = makeRoom(more);
        if (isThere) count(entry, more);
        return isThere;
      });
      return entry.contents;
    },
    async artifact(id, path): Promise<ListedArtifact | undefined> {
      const entry = byId.get(id);
      const artifact = entry?.artifacts.get(path);
      return artifact === undefined ? undefined : (entry?.contents?.listed(artifact) ?? artifact);
    },
    async remove(id) {
      const entry = over.get(id);
      if (entry !== undefined) forget(entry);
      return entry !== undefined;
    },
    async usage(): Promise<StoreUsage> {
      return { executions: byId.size, bytes };
    },
  };
}

/** Where the entry of a position is, or would be. */
function placeOf(entries: readonly Entry[], position: number): number {
  let [low, high] = [0, entries.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((entries[middle]?.position ?? 0) < position) low = middle + 1;
    else high = middle;
  }
  return low;
}

function matches(summary: ExecutionSummary, { language, status, outcome }: ExecutionFilter): boolean {
  return (
    (language === undefined || summary.language === language) &&
    (status === undefined || summary.status === status) &&
    (outcome === undefined || summary.outcome?.kind === outcome)
  );
}
