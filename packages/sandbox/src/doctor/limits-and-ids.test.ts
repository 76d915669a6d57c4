import { beforeEach, expect, it, vi } from "vitest";
import { checkCgroups } from "./limits-and-ids.ts";

const host = vi.hoisted(() => ({
  previewCgroups: vi.fn<() => string>(),
  coverOfCgroups: vi.fn<() => { folder: string; type: string } | undefined>(),
  canLimitSockets: vi.fn<() => boolean>(),
  seenMounts: vi.fn<() => { type: string }[]>(),
}));
vi.mock("../host/cgroups/index.ts", () => host);
vi.mock("../host/cgroups/v1.ts", () => host);
vi.mock("../host/cgroups/v2.ts", () => ({ hasV2: () => false }));
vi.mock("../host/mounts.ts", () => host);

beforeEach(() => {
  host.previewCgroups.mockReturnValue("none");
  host.coverOfCgroups.mockReturnValue(undefined);
  host.seenMounts.mockReturnValue([]);
});

const cost =
  "memory, CPU and processes are limited by sampling and resource limits alone, which are less exact; refused unless waived with --waive cgroups";

it("the doctor says so when a kernel with cgroup v1 cannot bound the buffers of sockets", () => {
  host.previewCgroups.mockReturnValue("v1");
  host.canLimitSockets.mockReturnValue(false);
  expect(checkCgroups()).toMatchObject({
    status: "degraded",
    found: "version 1, writable, without memory.kmem.tcp.limit_in_bytes",
    cost: "what programs leave in the buffers of TCP and UDP is not counted: one of them can fill what the kernel has for all",
    fix: null,
  });
  host.canLimitSockets.mockReturnValue(true);
  expect(checkCgroups()).toMatchObject({ status: "ok", found: "version 1, writable", cost: "" });
});

it("the doctor names the folder in which another file system lies over the cgroups", () => {
  host.coverOfCgroups.mockReturnValue({ folder: "/sys/fs/cgroup", type: "tmpfs" });
  expect(checkCgroups()).toMatchObject({
    status: "missing",
    found: "a file system of type tmpfs is mounted over the cgroups in /sys/fs/cgroup",
    cost,
    fix: "sudo umount /sys/fs/cgroup",
  });
});

it("the doctor says how cgroups are mounted where none are", () => {
  host.seenMounts.mockReturnValue([{ type: "sysfs" }]);
  expect(checkCgroups()).toMatchObject({
    status: "missing",
    found: "no cgroups are mounted in /sys/fs/cgroup",
    cost,
    fix: "sudo mount -t cgroup2 cgroup2 /sys/fs/cgroup",
  });
});
