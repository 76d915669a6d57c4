import { describe, expect, it } from "vitest";
import { folderOf, readOwnCgroups } from "./files.ts";

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
  const mount = (root: string, point: string) => ({ root, point });

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
