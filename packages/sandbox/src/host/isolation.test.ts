import type { Isolation } from "@glovebox/protocol";
import { expect, it } from "vitest";
import { refuseMissing } from "./isolation.ts";

const without: Isolation = { backend: "namespaces", cgroups: "none", uids: "separate", waived: [] };

it("a refusal for want of cgroups names the folder in which another file system lies over them", () => {
  const refuse = () => refuseMissing(without, () => ({ folder: "/sys/fs/cgroup", type: "tmpfs" }));
  expect(refuse).toThrow(
    "a file system of type tmpfs is mounted over the cgroups in /sys/fs/cgroup, so limits would be kept by sampling alone (mend it as 'glovebox doctor' says, or --waive cgroups)",
  );
});

it("a refusal for want of cgroups says that none can be written where nothing lies over them", () => {
  expect(() => refuseMissing(without, () => undefined)).toThrow(
    "no cgroup can be written by this user, so limits would be kept by sampling alone (mend it as 'glovebox doctor' says, or --waive cgroups)",
  );
});
