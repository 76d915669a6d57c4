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
import { commandOf, descendants } from "./support/processes.ts";
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
      runtimeDir: undefined,
      startsAtOnce: false,
      ceiling: defaultCeiling,
      watchStdin: false,
      log: () => {},
    },
    releases,
  );
});
afterAll(() => releases.run());

/** The ground whose setup is changed in some part. Each test has one, so that its nurseries are all there are. */
function underTest(change: Partial<Namespaces["shared"]> = {}, own = toolchain): GroundUnderTest {
  const nursery = namespaces.makeNursery({ toolchain: own });
  const isNursery = (pid: number) => commandOf(pid).some((part) => part.includes("nursery.main"));
  return {
    ground: new NamespaceGround({ ...namespaces.shared, ...change }, nursery, defaultLimits),
    crash() {
      for (const { pid } of descendants()) if (isNursery(pid)) process.kill(pid, "SIGKILL");
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
  it("gives its user id back when it is gone, and so do all when their ground is closed", async () => {
    const uids = new UidSlots(namespaces.shared.identities.programIds.slice(0, 1), false);
    const { ground } = underTest({ uids });
    let parked = () => {};
    const arrived = new Promise<void>((resolve) => {
      parked = resolve;
    });
    await ground.start({ parked, gone: () => {}, failed: () => {}, ended: () => {} });
    ground.park("a", { rehearse: false });
    await arrived;
    expect(uids.take()).toBeUndefined();
    await ground.close();
    expect(uids.take()).toBe(namespaces.shared.identities.programIds[0]);
  });
});
