import { afterEach, describe, expect, it, vi } from "vitest";
import { accountName, planIdentities } from "../host/identities.ts";
import { checkIdentities } from "./limits-and-ids.ts";

const unknownId = 424_242;

vi.mock("node:os", async (original) => ({
  ...(await original<typeof import("node:os")>()),
  userInfo: () => {
    throw Object.assign(
      new Error("A system error occurred: uv_os_get_passwd returned ENOENT (no such file or directory)"),
      {
        code: "ERR_SYSTEM_ERROR",
      },
    );
  },
}));
afterEach(() => vi.restoreAllMocks());

describe("a user id without an entry in passwd", () => {
  it("has no name", () => {
    expect(accountName()).toBeNull();
  });

  it("maps itself alone, because newuidmap serves no user without a name", () => {
    vi.spyOn(process as { getuid: () => number }, "getuid").mockReturnValue(unknownId);
    vi.spyOn(process as { getgid: () => number }, "getgid").mockReturnValue(unknownId);
    expect(planIdentities()).toEqual({
      mode: "single",
      base: 424_242,
      gidBase: 424_242,
      count: 1,
      programIds: [0],
    });
  });

  it("is told by the doctor what mends it", () => {
    vi.spyOn(process as { getuid: () => number }, "getuid").mockReturnValue(unknownId);
    expect(checkIdentities()).toMatchObject({
      status: "missing",
      found: "user id 424242 has no entry in passwd",
      fix: "sudo useradd --uid 424242 glovebox-424242   # newuidmap serves users with a name alone",
    });
  });
});
