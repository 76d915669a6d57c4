import { afterAll, beforeAll, describe, expect } from "vitest";
import { type AttackGround, openGround } from "../support/attack-ground.ts";
import { proves } from "../support/attack-proof.ts";

let ground: AttackGround;
beforeAll(async () => {
  ground = await openGround();
});
afterAll(() => ground.close());

/** No packet of these tests leaves: a sandbox has no way out, and the control has these addresses itself. */
const addresses = [
  "10.0.0.1",
  "172.16.0.1",
  "192.168.1.1",
  "100.64.0.1",
  "169.254.169.254",
  "203.0.113.7",
  "8.8.8.8",
  "1.1.1.1",
];
const addresses6 = ["2001:db8::7", "fd00:ec2::254", "2606:4700:4700::1111"];

const knock = `
def tcp(family, address, port):
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.settimeout(2)
        try:
            probe.connect((address, port))
        except TimeoutError:
            return "timeout"
def udp(family, address, port):
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.sendto(b"\\x00\\x01\\x01\\x00\\x00\\x01" + bytes(6) + b"\\x07example\\x03com\\x00\\x00\\x01\\x00\\x01", (address, port))
`;
const out = `${knock}
def knocked(attempt):
    # Where the addresses are set up a moment ago, the kernel may still be at its routes.
    end = time.monotonic() + globals().get("patience", 0)
    answer = outcome(attempt)
    while answer == "ENETUNREACH" and time.monotonic() < end:
        time.sleep(0.02)
        answer = outcome(attempt)
    return answer
for address in json.loads(os.environ["ADDRESSES"]):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    found[address] = knocked(lambda: tcp(family, address, 80))
    found["dns " + address] = knocked(lambda: udp(family, address, 53))
finish()
`;
const here = `
import subprocess
patience = 5
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
for address in json.loads(os.environ["ADDRESSES"]):
    subprocess.run(["ip", "addr", "add", address, "dev", "lo", *(["nodad"] if ":" in address else [])], check=True)
def routed(address):
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM) as probe:
        return probe.connect_ex((address, 9)) == 0
while not all(routed(address) for address in json.loads(os.environ["ADDRESSES"])):
    time.sleep(0.01)  # the kernel sets up routes of its own in its own time
listeners = []
for family, any_address in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
    listener = socket.socket(family)
    if family == socket.AF_INET6:
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    listener.bind((any_address, 80))
    listener.listen()
    listeners.append(listener)
`;
const ownNetwork = ["unshare", "--user", "--map-root-user", "--net"];

describe("network", () => {
  proves("network.outside", "", async () => {
    const all = [...addresses, ...addresses6];
    const { report } = await ground.attack({ code: out, env: { ADDRESSES: JSON.stringify(all) } });
    expect(Object.keys(report)).toHaveLength(22);
    expect([...new Set(Object.values(report))]).toEqual(["ENETUNREACH"]);
  });

  proves("network.outside", "control: where the addresses are, the same attempts arrive", async () => {
    const all = [...addresses, ...addresses6];
    const { report } = await ground.control(
      `os.environ["ADDRESSES"] = '${JSON.stringify(all)}'\n${here}${out}`,
      ownNetwork,
    );
    const answers = all.flatMap((address) => [report[address], report[`dns ${address}`]]);
    expect([...new Set(answers)]).toEqual(["ok"]);
  });

  proves("network.host-loopback", "", async () => {
    const code = `${knock}
for kind in ("tcp4", "any4"):
    for address in ("127.0.0.1", "127.1.2.3", "0.0.0.0"):
        found[f"{kind} {address}"] = outcome(lambda: tcp(socket.AF_INET, address, target[kind]))
if "tcp6" in target:
    found["tcp6"] = outcome(lambda: tcp(socket.AF_INET6, "::1", target["tcp6"]))
    found["mapped"] = outcome(lambda: tcp(socket.AF_INET6, "::ffff:127.0.0.1", target["tcp4"]))
found["udp4"] = outcome(lambda: udp(socket.AF_INET, "127.0.0.1", target["udp4"]) and None)
found["neighbour"] = outcome(lambda: tcp(socket.AF_INET, "127.0.0.1", 7777))
finish()
`;
    const { report } = await ground.attack({ code });
    const { udp4, ...tcp } = report;
    expect([...new Set(Object.values(tcp))]).toEqual(["ECONNREFUSED"]);
    expect(udp4).toBe("ok"); // into the sandbox's own loopback, where nobody listens; the canary counted nothing
    const before = await ground.canaries.visits();
    const { report: control } = await ground.control(code);
    expect(control).toMatchObject({ "tcp4 127.0.0.1": "ok", "any4 127.1.2.3": "ok", udp4: "ok" });
    const after = await ground.canaries.visits();
    expect([after.tcp4, after.udp4].map(Number)).not.toEqual([before.tcp4, before.udp4].map(Number));
  });

  proves("network.interfaces", "", async () => {
    const code = `
import fcntl
found["interfaces"] = [name for _, name in socket.if_nameindex()] if os.environ.get("NETLINK") else sorted(line.split(":")[0].strip() for line in open("/proc/net/dev") if ":" in line)
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as handle:
    request = lambda name, address: struct.pack("16sHH4s8x8x", name, socket.AF_INET, 0, socket.inet_aton(address))
    found["address"] = outcome(lambda: fcntl.ioctl(handle, 0x8916, request(b"lo", "169.254.169.254")) and None)
    found["down"] = outcome(lambda: fcntl.ioctl(handle, 0x8914, struct.pack("16sH22x", b"lo", 0)) and None)
    found["route"] = outcome(lambda: fcntl.ioctl(handle, 0x890B, bytes(120)) and None)
    found["device"] = outcome(lambda: handle.setsockopt(socket.SOL_SOCKET, 25, b"lo"))
    found["mark"] = outcome(lambda: handle.setsockopt(socket.SOL_SOCKET, 36, 1))
    found["transparent"] = outcome(lambda: handle.setsockopt(socket.SOL_IP, 19, 1))
    found["tables"] = outcome(lambda: handle.getsockopt(socket.SOL_IP, 64, 84) and None)
    found["routes"] = len(open("/proc/net/route").read().splitlines()) - 1
finish()
`;
    const { report } = await ground.attack({ code });
    const refused = { address: "EPERM", down: "EPERM", route: "EPERM", mark: "EPERM", transparent: "EPERM" };
    expect(report).toMatchObject({ interfaces: ["lo"], routes: 0, ...refused });
    expect(["EPERM", "ENOPROTOOPT"]).toContain(report.tables);
    const { report: control } = await ground.control(code, ownNetwork);
    expect(control).toMatchObject({ address: "ok", down: "ok", mark: "ok", transparent: "ok" });
  });

  proves("network.names", "", async () => {
    const code = `
def resolve(name):
    try:
        return sorted({entry[4][0] for entry in socket.getaddrinfo(name, 80)})
    except socket.gaierror as error:
        return "no answer"
for name in ("example.com", "metadata.google.internal", "localhost", os.environ.get("HOST_NAME", "host")):
    found[name] = resolve(name)
found["configuration"] = open("/etc/resolv.conf").read()
found["files"] = [path for path in ("/run/systemd/resolve/io.systemd.Resolve", "/var/run/nscd/socket", "/run/dbus/system_bus_socket") if os.path.exists(path)]
finish()
`;
    const { report } = await ground.attack({ code });
    expect(report).toMatchObject({
      "example.com": "no answer",
      "metadata.google.internal": "no answer",
      host: "no answer",
      configuration: "",
      files: [],
    });
    expect(report.localhost).toEqual(expect.arrayContaining(["127.0.0.1"]));
  });
});
