import { expect, test } from "vitest";
import { readMounts } from "../host/mounts.ts";
import { checkRuntimeFolder } from "./runtime-folder.ts";

const mounts = readMounts(`1 0 8:1 / / rw - ext4 /dev/sda1 rw
2 1 0:5 / /proc rw,noexec - proc proc rw
`);

test("a folder on a file system that forbids execution is named, with what that costs and what mends it", () => {
  expect(checkRuntimeFolder("/proc/glovebox", mounts)).toEqual({
    id: "runtime-folder",
    title: "folder for sockets and staged files",
    status: "degraded",
    found: "/proc/glovebox is on a file system mounted noexec",
    cost: "what compilers make cannot be started there: such programs end with status 126",
    fix: "export GLOVEBOX_RUNTIME_DIR=FOLDER   # a folder of yours on another file system",
  });
});

test("any other is fine", () => {
  expect(checkRuntimeFolder("/usr/glovebox", mounts)).toMatchObject({
    status: "ok",
    found: "/usr/glovebox",
    cost: "",
    fix: null,
  });
});
