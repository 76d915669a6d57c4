import { afterAll, beforeAll, describe, expect } from "vitest";
import { type AttackGround, openGround } from "../support/attack-ground.ts";
import { proves } from "../support/attack-proof.ts";

let ground: AttackGround;
beforeAll(async () => {
  ground = await openGround();
});
afterAll(() => ground.close());

/** Each filter is one instruction that allows everything, tried in a process of its own. */
const code = `
def filtered(value):
    # sock_fprog of one instruction: return the value.
    instruction = ctypes.create_string_buffer(struct.pack("HBBI", 6, 0, 0, value), 8)
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", 1, ctypes.addressof(instruction)), 16)
    program.instruction = instruction
    return program
allowing = filtered(0x7FFF0000)
passing = filtered(0xFFFFFFFF)
def restricted(*call):
    syscall("prctl", 38, 1, 0, 0, 0)  # no new privileges
    return syscall(*call)
for upper in (0, 1 << 32, 0xFFFFFFFF << 32):
    trial(f"prctl {upper >> 32}", lambda: restricted("prctl", 22 | upper, 2, allowing, 0, 0))
trial("seccomp", lambda: restricted("seccomp", 1, 0, allowing))
# SO_ATTACH_FILTER, SO_ATTACH_REUSEPORT_CBPF
for name, option, family, kind in (
    ("local", 26, socket.AF_UNIX, socket.SOCK_STREAM), ("internet", 26, socket.AF_INET, socket.SOCK_DGRAM),
    ("group", 51, socket.AF_INET, socket.SOCK_DGRAM),
):
    one = socket.socket(family, kind)
    if option == 51:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        one.bind(("127.0.0.1", 0))
    for upper in (0, 1 << 32):
        trial(f"{name} {upper >> 32}", lambda: syscall("setsockopt", one.fileno(), 1 | upper, option | upper, passing, 16))
# SO_ATTACH_BPF, SO_ATTACH_REUSEPORT_EBPF: a descriptor that is none.
for option in (50, 52):
    trial(f"option {option}", lambda: syscall("setsockopt", one.fileno(), 1, option, struct.pack("i", -1), 4))
trial("another option", lambda: syscall("setsockopt", one.fileno(), 1, 9, struct.pack("i", 1), 4))
trial("another prctl", lambda: syscall("prctl", 15, b"name", 0, 0, 0))
finish()
`;

describe("the kernel's compiled filters", () => {
  proves("shared.filters", "", async () => {
    const { report } = await ground.attack({ code });
    expect(report).toEqual({
      "prctl 0": "EINVAL",
      "prctl 1": "EINVAL",
      "prctl 4294967295": "EINVAL",
      seccomp: "ENOSYS",
      "local 0": "ENOPROTOOPT",
      "local 1": "ENOPROTOOPT",
      "internet 0": "ENOPROTOOPT",
      "internet 1": "ENOPROTOOPT",
      "group 0": "ENOPROTOOPT",
      "group 1": "ENOPROTOOPT",
      "option 50": "ENOPROTOOPT",
      "option 52": "ENOPROTOOPT",
      "another option": "ok",
      "another prctl": "ok",
    });
    const { report: control } = await ground.control(code);
    expect(control).toEqual({
      "prctl 0": "ok",
      "prctl 1": "ok",
      "prctl 4294967295": "ok",
      seccomp: "ok",
      "local 0": "ok",
      "local 1": "ok",
      "internet 0": "ok",
      "internet 1": "ok",
      "group 0": "ok",
      "group 1": "ok",
      "option 50": "EBADF",
      "option 52": expect.stringMatching(/^(EBADF|EPERM|EINVAL)$/),
      "another option": "ok",
      "another prctl": "ok",
    });
  });
});
