import { availableParallelism } from "node:os";
import {
  defaultCeiling,
  defaultLimits,
  type Isolation,
  type IsolationFeature,
  type Limits,
  limitsSchema,
  ProblemError,
} from "@glovebox/protocol";
import type { ExecutionSpec, Sandboxes, SandboxOptions } from "./api.ts";
import { noCgroups, openCgroups } from "./host/cgroups/index.ts";
import { type IdentityPlan, planIdentities } from "./host/identities.ts";
import { createInstanceFolder, sweepFolders } from "./host/instance-folder.ts";
import { newInstanceName } from "./host/process-identity.ts";
import { resolveRuntime } from "./languages/registry.ts";
import { Nursery } from "./nursery/nursery.ts";
import { Reception } from "./nursery/reception.ts";
import { Pool } from "./pool/pool.ts";
import { UidSlots } from "./pool/uid-slots.ts";
import { Releases } from "./releases.ts";
import { prepareInputs } from "./run/inputs.ts";
import { mergeLimits } from "./run/limits.ts";
import { mentionsAny } from "./run/preload-hint.ts";
import { busy, ProgramRun, type RunContext } from "./run/program-run.ts";
import { checkSpec } from "./run/spec.ts";
import { Turnstile } from "./run/turnstile.ts";

const defaultLeaseTimeoutMs = 10_000;
const defaultPool = { min: 1, max: 8 } as const;

/** What is missing on this host and not waived, as one problem; nothing when nothing is. */
function refuseMissing(isolation: Isolation, waive: readonly IsolationFeature[]): void {
  const missing: [IsolationFeature, string][] = [];
  if (isolation.cgroups === "none" && !waive.includes("cgroups")) {
    missing.push(["cgroups", "no cgroup can be written by this user, so limits would be kept by sampling alone"]);
  }
  if (isolation.uids === "shared" && !waive.includes("separate-uids")) {
    missing.push(["separate-uids", "this user has no subordinate uids, so all sandboxes would share one uid"]);
  }
  if (missing.length === 0) return;
  const detail = missing
    .map(([name, reason]) => `${reason} (mend it as 'glovebox doctor' says, or --waive ${name})`)
    .join("; ");
  const errors = missing.map(([name, reason]) => ({ field: "waive", message: `${name}: ${reason}` }));
  throw new ProblemError("isolation-missing", detail, { errors });
}

/** The operator's limits over the built-in ones. Throws `invalid-configuration` that names every broken field. */
function configuredLimits(name: "ceiling" | "defaults", builtIn: Limits, own: Partial<Limits> | undefined): Limits {
  const parsed = limitsSchema.safeParse({ ...builtIn, ...own });
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map((issue) => ({
    field: `${name}.${issue.path.join(".")}`,
    message: issue.message,
  }));
  const detail = errors.map((error) => `${error.field}: ${error.message}`).join("; ");
  throw new ProblemError("invalid-configuration", detail, { errors });
}

function describeIsolation(
  kind: Isolation["cgroups"],
  identities: IdentityPlan,
  waive: readonly IsolationFeature[],
): Isolation {
  const uids = identities.mode === "single" ? "shared" : "separate";
  const missing: IsolationFeature[] = [];
  if (kind === "none") missing.push("cgroups");
  if (uids === "shared") missing.push("separate-uids");
  return { backend: "namespaces", cgroups: kind, uids, waived: missing.filter((name) => waive.includes(name)) };
}

/**
 * Makes the sandboxes of this process: sweeps what dead instances left, sets up cgroups and folders, starts
 * the nurseries and fills their pools. Resolves when the first pool can serve; libraries may still be
 * loading then. Rejects with `sandbox-unavailable` or `isolation-missing`; nothing is left then.
 */
export async function createSandboxes(options: SandboxOptions = {}): Promise<Sandboxes> {
  const releases = new Releases();
  try {
    return await build(options, releases);
  } catch (error) {
    await releases.run();
    throw error;
  }
}

async function build(options: SandboxOptions, releases: Releases): Promise<Sandboxes> {
  const ceiling = configuredLimits("ceiling", defaultCeiling, options.ceiling);
  const defaults = configuredLimits("defaults", defaultLimits, options.defaults);
  const { waive = [], preload = [], leaseTimeoutMs = defaultLeaseTimeoutMs, log = () => {} } = options;

  sweepFolders(options.runtimeDir);
  const instance = newInstanceName();
  const identities = planIdentities();
  const cgroups = options.cgroups === "none" ? noCgroups : await openCgroups(instance);
  releases.add(() => cgroups.close());
  const isolation = describeIsolation(cgroups.kind, identities, waive);
  refuseMissing(isolation, waive);
  cgroups.delegate(identities);
  const folder = createInstanceFolder(instance, options.runtimeDir, identities);
  releases.add(async () => folder.remove());
  const reception = await Reception.open(folder.socket);
  releases.add(() => reception.close());

  const uids = new UidSlots(identities.programIds, identities.mode === "single");
  const min = options.pool?.min ?? defaultPool.min;
  const max = Math.max(min, options.pool?.max ?? defaultPool.max);
  const makePool = (modules: readonly string[]) => {
    const makeNursery = () => new Nursery({ folder, cgroups, identities, ceiling, preload: modules, log });
    const pool = new Pool({ min, max, limits: defaults, identities, uids, cgroups, reception, makeNursery, log });
    releases.add(() => pool.close());
    return pool;
  };
  const plain = makePool([]);
  await plain.start();
  const loaded = preload.length > 0 ? makePool(preload) : undefined;
  loaded?.startInBackground();

  const turnstile = new Turnstile(options.concurrency ?? 4 * availableParallelism());
  const live = new Set<ProgramRun>();
  const running = new Set<ProgramRun>();
  let started = 0;
  let closing: Promise<void> | undefined;

  const context = (run: () => ProgramRun): RunContext => ({
    isolation,
    async prepare(spec, id) {
      if (closing !== undefined) throw new ProblemError("closed", "the sandboxes are being closed");
      checkSpec(spec);
      const { runtime, warning } = resolveRuntime(spec.language, spec.entry);
      const limits = mergeLimits(spec.limits, defaults, ceiling);
      const inputs = await prepareInputs(spec, id, folder.inputs);
      if (inputs.inlineBytes > limits.diskBytes) {
        await inputs.remove();
        const message = `${limits.diskBytes} bytes do not hold the input files, which need ${inputs.inlineBytes}`;
        throw new ProblemError("invalid-request", `limits.diskBytes: ${message}`, {
          errors: [{ field: "limits.diskBytes", message }],
        });
      }
      return { language: runtime.name, limits, inputs, warnings: warning === undefined ? [] : [warning] };
    },
    async acquire(spec, signal) {
      const timeout = AbortSignal.timeout(leaseTimeoutMs);
      const either = AbortSignal.any([signal, timeout]);
      try {
        await turnstile.enter(either);
        try {
          const pool = loaded?.serving === true && mentionsAny(spec, preload) ? loaded : plain;
          const sandbox = await pool.acquire(either);
          started += 1;
          running.add(run());
          return sandbox;
        } catch (error) {
          turnstile.leave();
          throw error;
        }
      } catch (error) {
        if (timeout.aborted && !signal.aborted) throw busy(leaseTimeoutMs);
        throw error;
      }
    },
    released() {
      running.delete(run());
      turnstile.leave();
    },
  });

  async function shutDown(): Promise<void> {
    for (const run of live) run.close();
    await Promise.allSettled([...live].map((run) => run.result));
    await releases.run();
  }

  return {
    isolation,
    execute(spec: ExecutionSpec, runOptions = {}) {
      const run: ProgramRun = new ProgramRun(
        spec,
        runOptions,
        context(() => run),
      );
      live.add(run);
      const forget = () => live.delete(run);
      run.result.then(forget, forget);
      return run;
    },
    stats: () => ({
      parked: plain.parked + (loaded?.parked ?? 0),
      running: running.size,
      waiting: turnstile.waiting + plain.waiting + (loaded?.waiting ?? 0),
      started,
    }),
    close() {
      closing ??= shutDown();
      return closing;
    },
  };
}
