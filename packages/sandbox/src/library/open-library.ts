import type { Language, LanguageQuery, Programs } from "@glovebox/protocol";
import type { ExecutionSpec, RunOptions, Sandboxes } from "../api.ts";
import { listLibraries } from "../languages/libraries.ts";
import { resolveRuntime } from "../languages/registry.ts";
import { languagesWith } from "../languages/versions.ts";
import type { HostPrograms } from "../run/host-programs.ts";
import { LibraryRun } from "./library-run.ts";

/** What the sandboxes of a library have besides their programs. */
export interface LibrarySetup {
  readonly toolchainFolders: readonly string[];
  readonly leases: { readonly parked: number; readonly waiting: number };
  /** Ends all programs and removes everything from the host. */
  close(): Promise<void>;
}

/** The sandboxes as callers of this package have them: a `Programs`, with executions over it. */
export function openLibrary(host: HostPrograms, setup: LibrarySetup): Sandboxes {
  const { toolchainFolders, leases, close } = setup;
  let closing: Promise<void> | undefined;

  async function languages({ names, packages = false }: LanguageQuery = {}): Promise<readonly Language[]> {
    const found = await languagesWith(toolchainFolders, names);
    if (!packages) return found;
    const listed: Language[] = [];
    // One after the other: a list takes as long as a program does, and nobody's program should wait for many of them.
    for (const language of found) {
      const { runtime } = resolveRuntime(language.name, undefined);
      const libraries = language.available
        ? await listLibraries(runtime, (spec) => execute(spec).result)
        : { packages: null, packagesNote: null };
      listed.push({ ...language, ...libraries });
    }
    return listed;
  }

  const programs: Programs = {
    isolation: host.isolation,
    resolve: (request, profile) => host.resolve(request, profile),
    run: (program, io) => host.run(program, io),
    stats: () => ({ parked: leases.parked, waiting: leases.waiting, ...host.counts }),
    languages,
  };
  const execute = (spec: ExecutionSpec, options: RunOptions = {}) => new LibraryRun(programs, spec, options);

  return {
    ...programs,
    execute,
    close() {
      closing ??= close();
      return closing;
    },
  };
}
