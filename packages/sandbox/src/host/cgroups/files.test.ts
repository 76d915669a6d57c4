import { describe, expect, it } from "vitest";
import { folderOf, readMounts, readOwnCgroups } from "./files.ts";

const v1 = `25 30 0:23 / /sys rw,nosuid,nodev,noexec,relatime shared:7 - sysfs sysfs rw
33 25 0:28 / /sys/fs/cgroup/memory rw,nosuid shared:12 - cgroup cgroup rw,memory
34 25 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid shared:13 master:3 - cgroup cgroup rw,cpu,cpuacct
`;
const v2 =
  "35 24 0:30 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot\n";
const container = `612 611 0:30 /docker/3f2a /sys/fs/cgroup ro,nosuid - cgroup2 cgroup rw
613 611 0:28 /docker/3f2a /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory
`;

describe("the mounts of this process", () => {
  it("are read on version 1, with the controllers as options", () => {
    expect(readMounts(v1).filter((mount) => mount.type === "cgroup")).toEqual([
      { root: "/", point: "/sys/fs/cgroup/memory", type: "cgroup", options: ["rw", "memory"] },
      { root: "/", point: "/sys/fs/cgroup/cpu,cpuacct", type: "cgroup", options: ["rw", "cpu", "cpuacct"] },
    ]);
  });

  it("are read on version 2", () => {
    expect(readMounts(v2)).toEqual([
      {
        root: "/",
        point: "/sys/fs/cgroup",
        type: "cgroup2",
        options: ["rw", "nsdelegate", "memory_recursiveprot"],
      },
    ]);
  });

  it("are read in a container, whose root is a cgroup of the host", () => {
    expect(readMounts(container)).toEqual([
      { root: "/docker/3f2a", point: "/sys/fs/cgroup", type: "cgroup2", options: ["rw"] },
      { root: "/docker/3f2a", point: "/sys/fs/cgroup/memory", type: "cgroup", options: ["rw", "memory"] },
    ]);
  });

  it("are none in an empty file, and broken lines are passed over", () => {
    expect(readMounts("")).toEqual([]);
    expect(readMounts("25 30 0:23 / /sys rw\n")).toEqual([]);
  });
});

describe("the cgroups of this process", () => {
  it("are one for each tree on version 1", () => {
    expect(readOwnCgroups("9:name=systemd:/\n4:memory:/a/b\n2:cpu,cpuacct:/\n0::/\n")).toEqual([
      { controllers: ["name=systemd"], path: "/" },
      { controllers: ["memory"], path: "/a/b" },
      { controllers: ["cpu", "cpuacct"], path: "/" },
      { controllers: [], path: "/" },
    ]);
  });

  it("are one on version 2, and may have a colon in their path", () => {
    expect(readOwnCgroups("0::/user.slice/user@1000.service/app:x.scope\n")).toEqual([
      { controllers: [], path: "/user.slice/user@1000.service/app:x.scope" },
    ]);
  });
});

describe("the folder of a cgroup", () => {
  const mount = (root: string, point: string) => ({ root, point, type: "cgroup2", options: [] });

  it("lies below the mount", () => {
    expect(folderOf(mount("/", "/sys/fs/cgroup"), "/user.slice/a")).toBe("/sys/fs/cgroup/user.slice/a");
    expect(folderOf(mount("/", "/sys/fs/cgroup/memory"), "/")).toBe("/sys/fs/cgroup/memory/");
  });

  it("is the mount itself in a container that is shown its own cgroup", () => {
    expect(folderOf(mount("/docker/3f2a", "/sys/fs/cgroup"), "/docker/3f2a")).toBe("/sys/fs/cgroup");
    expect(folderOf(mount("/docker/3f2a", "/sys/fs/cgroup"), "/docker/3f2a/child")).toBe("/sys/fs/cgroup/child");
  });

  it("is not taken for one below the root only because its name begins like it", () => {
    expect(folderOf(mount("/docker/3f", "/sys/fs/cgroup"), "/docker/3f2a/x")).toBe("/sys/fs/cgroup/docker/3f2a/x");
  });

  it("is relative to the mount where a cgroup namespace hides the host's path", () => {
    expect(folderOf(mount("/", "/sys/fs/cgroup"), "/")).toBe("/sys/fs/cgroup/");
  });
});
