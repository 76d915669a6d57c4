import { describe, expect, it } from "vitest";
import { coveredMounts, forbidsExecution, readMounts, seenMounts } from "./mounts.ts";

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
  it("are read on version 1 of cgroups, with the controllers as options", () => {
    expect(readMounts(v1).filter((mount) => mount.type === "cgroup")).toEqual([
      {
        root: "/",
        point: "/sys/fs/cgroup/memory",
        flags: ["rw", "nosuid"],
        type: "cgroup",
        options: ["rw", "memory"],
      },
      {
        root: "/",
        point: "/sys/fs/cgroup/cpu,cpuacct",
        flags: ["rw", "nosuid"],
        type: "cgroup",
        options: ["rw", "cpu", "cpuacct"],
      },
    ]);
  });

  it("are read on version 2", () => {
    expect(readMounts(v2)).toEqual([
      {
        root: "/",
        point: "/sys/fs/cgroup",
        flags: ["rw", "nosuid", "nodev", "noexec", "relatime"],
        type: "cgroup2",
        options: ["rw", "nsdelegate", "memory_recursiveprot"],
      },
    ]);
  });

  it("are read in a container, whose root is a cgroup of the host", () => {
    expect(readMounts(container)).toMatchObject([
      { root: "/docker/3f2a", point: "/sys/fs/cgroup", type: "cgroup2", options: ["rw"] },
      { root: "/docker/3f2a", point: "/sys/fs/cgroup/memory", type: "cgroup", options: ["rw", "memory"] },
    ]);
  });

  it("are none in an empty file, and broken lines are passed over", () => {
    expect(readMounts("")).toEqual([]);
    expect(readMounts("25 30 0:23 / /sys rw\n")).toEqual([]);
  });

  it("have their points as they are, blanks and all", () => {
    const line = "40 1 8:1 / /media/my\\040disk\\134 rw - ext4 /dev/sda1 rw\n";
    expect(readMounts(line).map(({ point }) => point)).toEqual(["/media/my disk\\"]);
  });
});

describe("mounts over one another", () => {
  const usual = `27 1 254:0 / / rw - ext4 /dev/vda rw
23 27 0:22 / /sys rw - sysfs sysfs rw
31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw
35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
`;
  const points = (mounts: readonly { readonly point: string }[]) => mounts.map(({ point }) => point);

  it("are none on a usual host, where mounts stand in one another", () => {
    expect(coveredMounts(usual)).toEqual([]);
    expect(points(seenMounts(usual))).toEqual(points(readMounts(usual)));
  });

  it("are named with what lies over them, on the same point or above it", () => {
    const text = `${usual}63 31 0:39 / /sys/fs/cgroup rw - tmpfs none rw\n`;
    expect(coveredMounts(text).map(({ point, cover }) => [point, cover.point, cover.type])).toEqual([
      ["/sys/fs/cgroup", "/sys/fs/cgroup", "tmpfs"],
      ["/sys/fs/cgroup/memory", "/sys/fs/cgroup", "tmpfs"],
      ["/sys/fs/cgroup/unified", "/sys/fs/cgroup", "tmpfs"],
    ]);
    expect(points(seenMounts(text))).toEqual(["/", "/sys", "/sys/fs/cgroup"]);
  });

  it("cover what stands on what they cover", () => {
    const text = `${usual}63 27 0:39 / /sys/fs rw - tmpfs none rw\n64 23 0:40 / /sys rw - tmpfs none rw\n`;
    expect(points(seenMounts(text))).toEqual(["/", "/sys/fs", "/sys"]);
    expect(points(coveredMounts(text))).toEqual([
      "/sys",
      "/sys/fs/cgroup",
      "/sys/fs/cgroup/memory",
      "/sys/fs/cgroup/unified",
    ]);
  });
});

describe("a folder whose files may not be executed", () => {
  const mounts = (...lines: string[]) =>
    readMounts(lines.map((line) => `1 1 0:1 / ${line} - tmpfs tmpfs rw\n`).join(""));

  it("is one on a mount with noexec, also when it does not exist yet", () => {
    const seen = mounts("/ rw", "/usr rw,noexec");
    expect(forbidsExecution("/usr/lib", seen)).toBe(true);
    expect(forbidsExecution("/usr/no/such/folder", seen)).toBe(true);
    expect(forbidsExecution("/usr", seen)).toBe(true);
    expect(forbidsExecution("/etc", seen)).toBe(false);
  });

  it("is judged by the nearest mount, and by the last one there", () => {
    expect(forbidsExecution("/usr/lib", mounts("/ rw,noexec", "/usr rw"))).toBe(false);
    expect(forbidsExecution("/usr/lib", mounts("/usr rw", "/usr rw,noexec", "/ rw"))).toBe(true);
    expect(forbidsExecution("/usr/lib", mounts("/ rw", "/usr/li rw,noexec"))).toBe(false);
  });

  it("is none where nothing is known", () => {
    expect(forbidsExecution("/usr/lib", [])).toBe(false);
  });
});
