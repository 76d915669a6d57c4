import { expect, it, vi } from "vitest";
import { checkCgroups } from "./limits-and-ids.ts";

vi.mock("../host/cgroups/index.ts", () => ({ previewCgroups: () => "v1" }));
const canLimitSockets = vi.hoisted(() => vi.fn<() => boolean>());
vi.mock("../host/cgroups/v1.ts", () => ({ canLimitSockets }));

it("the doctor says so when a kernel with cgroup v1 cannot bound the buffers of sockets", () => {
  canLimitSockets.mockReturnValue(false);
  expect(checkCgroups()).toMatchObject({
    status: "degraded",
    found: "version 1, writable, without memory.kmem.tcp.limit_in_bytes",
    cost: "what programs leave in the buffers of TCP and UDP is not counted: one of them can fill what the kernel has for all",
    fix: null,
  });
  canLimitSockets.mockReturnValue(true);
  expect(checkCgroups()).toMatchObject({ status: "ok", found: "version 1, writable", cost: "" });
});
