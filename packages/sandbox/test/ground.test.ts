// Depends on: identity, cgroups.
import { defaultCeiling, defaultLimits, isolationFeatureSchema } from "@glovebox/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { NamespaceGround } from "../src/ground/namespace-ground.ts";
import { type Namespaces, openNamespaces } from "../src/ground/namespaces.ts";
import { UidSlots } from "../src/ground/uid-slots.ts";
import { resolveRuntime } from "../src/languages/registry.ts";
import { requireToolchain } from "../src/languages/toolchain.ts";
import { Releases } from "../src/releases.ts";
import { describeGround, type GroundUnderTest } from "./support/ground-conformance.ts";
import { eventually, patience } from "./support/host-slowness.ts";
import { commandOf, descendants, type HostProcess } from "./support/processes.ts";
import { checkLeftovers } from "./support/sandboxes.ts";

checkLeftovers();
const releases = new Releases();
let namespaces: Namespaces;
const toolchain = requireToolchain(resolveRuntime("python", undefined).runtime, []);

beforeAll(async () => {
  namespaces = await openNamespaces(
    {
      waive: isolationFeatureSchema.options,
      cgroups: process.env["GLOVEBOX_TEST_CGROUPS"] === "none" ? "none" : "auto",
    },
    { ceiling: defaultCeiling, startsAtOnce: false },
    releases,
  );
});
afterAll(() => releases.run());

const isNursery = ({ pid }: HostProcess) => commandOf(pid).some((part) => part.includes("nursery.main"));

/** The wardens of the one ground that there is: the children of the innermost process of its nursery. */
function wardens(): HostProcess[] {
  const found = descendants().filter((one) => isNursery(one) && one.name.startsWith("python"));
  const nursery = found.find((one) => !found.some((other) => other.pid === one.parent));
  return found.filter((one) => one.parent === nursery?.pid);
}

/** The ground whose setup is changed in some part. Each test has one, so that its nurseries are all there are. */
function underTest(change: Partial<Namespaces["shared"]> = {}, own = toolchain): GroundUnderTest {
  const nursery = namespaces.makeNursery({ toolchain: own });
  return {
    ground: new NamespaceGround({ ...namespaces.shared, ...change }, nursery, defaultLimits),
    crash() {
      for (const { pid } of descendants().filter(isNursery)) process.kill(pid, "SIGKILL");
    },
  };
}

describeGround("the ground of namespaces", () => ({
  make: ({ rooms } = {}) =>
    rooms === undefined
      ? underTest()
      : underTest({ uids: new UidSlots(namespaces.shared.identities.programIds.slice(0, rooms), false) }),
  makeBroken: () => underTest({}, { ...toolchain, folders: ["/usr/no-such-folder"] }),
  makeRefusing(reason) {
    const refuse = () => {
      throw new Error(reason);
    };
    const uids = new UidSlots(namespaces.shared.identities.programIds.slice(0, 1), false);
    return underTest({ uids, cgroups: { ...namespaces.shared.cgroups, create: refuse } });
  },
}));

describe("a sandbox on namespaces", () => {
  const one = { uids: () => new UidSlots(namespaces.shared.identities.programIds.slice(0, 1), false) };

  /** A ground on which one sandbox is parked. */
  async function parked(uids = one.uids()) {
    const { ground } = underTest({ uids });
    const told: string[] = [];
    await ground.start({
      parked: (_id, connection) => {
        connection.on("error", () => connection.destroy());
        told.push("parked");
      },
      gone: () => void told.push("gone"),
      failed: (_id, message) => void told.push(message),
      ended: () => void told.push("ended"),
    });
    ground.park("a", { rehearse: true });
    await expect.poll(() => told, patience).toEqual(["parked"]);
    return { ground, told };
  }

  it.each([
    ["warden", (warden: HostProcess) => [warden]],
    ["runner", (warden: HostProcess) => descendants(warden.pid)],
  ])("is gone when its %s is killed while it is parked", async (_name, victims) => {
    const { ground, told } = await parked();
    const found = await eventually("the warden", () => wardens().find(({ pid }) => descendants(pid).length > 0));
    for (const { pid } of victims(found)) process.kill(pid, "SIGKILL");
    await expect.poll(() => told, patience).toEqual(["parked", "gone"]);
    await ground.close();
  });

  it("gives its user id back when its ground is closed", async () => {
    const uids = one.uids();
    const { ground } = await parked(uids);
    expect(uids.take()).toBeUndefined();
    await ground.close();
    expect(uids.take()).toBe(namespaces.shared.identities.programIds[0]);
  });
});
