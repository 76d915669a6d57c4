import { availableParallelism } from "node:os";
import type { Isolation, Limits } from "@glovebox/protocol";
import type { SandboxOptions } from "../api.ts";
import { noCgroups, openCgroups } from "../host/cgroups/index.ts";
import { planIdentities } from "../host/identities.ts";
import { createInstanceFolder, type InstanceFolder, sweepFolders } from "../host/instance-folder.ts";
import { describeIsolation, refuseMissing } from "../host/isolation.ts";
import { forbidsExecution } from "../host/mounts.ts";
import { newInstanceName } from "../host/process-identity.ts";
import { fill, fixedPlaceholders } from "../languages/command.ts";
import type { Toolchain } from "../languages/toolchain.ts";
import { languageView } from "../nursery/language-view.ts";
import { Launchers } from "../nursery/launchers.ts";
import { Nursery, type NurseryProgram } from "../nursery/nursery.ts";
import { Reception } from "../nursery/reception.ts";
import type { Ground } from "../pool/ground.ts";
import type { GroundWanted } from "../pool/open-leases.ts";
import { baseEnvironment } from "../program/environment.ts";
import type { Releases } from "../releases.ts";
import { NamespaceGround, type NamespaceSetup } from "./namespace-ground.ts";
import { UidSlots } from "./uid-slots.ts";

type Options = Pick<SandboxOptions, "waive" | "cgroups" | "runtimeDir" | "stdinWarning" | "log">;

export interface NamespacesSetup {
  readonly ceiling: Limits;
  /** A ground is started as soon as it can be. */
  readonly startsAtOnce: boolean;
}

/** With the limits of a program that asks for none. */
interface GroundPlan extends GroundWanted {
  readonly limits: Limits;
}

/** The namespaces of one instance: what its grounds share of the host. */
export interface Namespaces {
  readonly isolation: Isolation;
  readonly folder: InstanceFolder;
  /** What all grounds have a share in. */
  readonly shared: NamespaceSetup;
  /** Makes the nursery of a ground, which has its own view of the host and is not started yet. */
  makeNursery(wanted: GroundWanted): Nursery;
  /** Makes a ground, which is not started yet. */
  makeGround(plan: GroundPlan): Ground;
}

/**
 * Sweeps what dead instances left and sets up what grounds need: identities, cgroups, the instance's folder, the
 * reception. Rejects with `sandbox-unavailable` and `isolation-missing`; `releases` undo what was done until then.
 */
export async function openNamespaces(
  options: Options,
  { ceiling, startsAtOnce }: NamespacesSetup,
  releases: Releases,
): Promise<Namespaces> {
  const { waive = [], log = () => {} } = options;
  const launchers = new Launchers();
  releases.add(() => launchers.close());
  if (startsAtOnce) launchers.startAhead();
  sweepFolders(options.runtimeDir);
  const instance = newInstanceName();
  const identities = planIdentities();
  const cgroups = options.cgroups === "none" ? noCgroups : await openCgroups(instance);
  releases.add(() => cgroups.close());
  const isolation = describeIsolation(cgroups.kind, identities, waive);
  refuseMissing(isolation);
  cgroups.delegate(identities);
  const folder = createInstanceFolder(instance, options.runtimeDir, identities);
  releases.add(async () => folder.remove());
  if (forbidsExecution(folder.path)) {
    log(`runtimeDir: ${folder.path} is on a file system mounted noexec, so what compilers make cannot be started`);
  }
  const reception = await Reception.open(folder.socket);
  releases.add(() => reception.close());
  const uids = new UidSlots(identities.programIds, identities.mode === "single");
  const shared: NamespaceSetup = { isolation, identities, cgroups, reception, uids, log };
  const makeNursery: Namespaces["makeNursery"] = ({ toolchain, start, warm, preload = [] }) => {
    const program = nurseryProgram(toolchain, start);
    const view = languageView(folder, toolchain, warm);
    return new Nursery({
      launchers,
      folder,
      cgroups,
      identities,
      ceiling,
      program,
      view,
      preload,
      watchStdin: options.stdinWarning !== undefined,
      log,
    });
  };
  const makeGround: Namespaces["makeGround"] = ({ limits, ...wanted }) => {
    // Parking is our own work, which no program's share of the processors should slow; a lease sets its own.
    const cpuPercent = Math.max(limits.cpuPercent, 100 * availableParallelism());
    return new NamespaceGround(shared, makeNursery(wanted), { ...limits, cpuPercent });
  };
  return { isolation, folder, shared, makeNursery, makeGround };
}

/** How the runners of a language become programs: as its manifest says, or `start`. */
function nurseryProgram(toolchain: Toolchain, start = toolchain.runtime.start): NurseryProgram {
  const { runtime, tools, virtualEnvironment } = toolchain;
  return {
    start,
    ...(virtualEnvironment === undefined ? {} : { virtualEnvironment }),
    command: fill(runtime.park ?? [], fixedPlaceholders(runtime.name, tools)),
    environment: baseEnvironment(toolchain),
    reservesAddressSpace: runtime.reservesAddressSpace,
  };
}
