import { expect } from "vitest";
import { all, type Theme } from "./theme.ts";

/*
 * No packet of these attacks leaves: a sandbox has no way out, and the controls knock at the canaries of the host alone.
 */

const addresses = [
  ...["10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "169.254.169.254", "203.0.113.7", "8.8.8.8", "1.1.1.1"],
  ...["2001:db8::7", "fd00:ec2::254", "2606:4700:4700::1111"],
];
const names = ["example.com", "metadata.google.internal", "host"];

/** Knocks at every line of KNOCKS: a protocol, an address and a port. Resolves every name in NAMES. */
const knock = {
  c: String.raw`
  long reach(const char *protocol, const char *address, int port) {
    bool six = strchr(address, ':') != NULL;
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 other = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    inet_pton(AF_INET, address, &four.sin_addr);
    inet_pton(AF_INET6, address, &other.sin6_addr);
    int kind = strcmp(protocol, "tcp") == 0 ? SOCK_STREAM : SOCK_DGRAM;
    int probe = socket(six ? AF_INET6 : AF_INET, kind, 0);
    struct timeval patience = {2, 0};
    setsockopt(probe, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    long result = six ? connect(probe, (void *)&other, sizeof other) : connect(probe, (void *)&four, sizeof four);
    if (result == 0 && kind == SOCK_DGRAM) result = send(probe, "knock", 5, 0);
    return result;
  }
  char knocks[1 << 13];
  snprintf(knocks, sizeof knocks, "%s", told("KNOCKS"));
  for (char *rest, *line = strtok_r(knocks, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
    char protocol[16], address[64];
    int port;
    if (sscanf(line, "%15s %63s %d", protocol, address, &port) == 3) TRIAL(line, reach(protocol, address, port));
  }
  snprintf(knocks, sizeof knocks, "%s", told("NAMES"));
  for (char *rest, *name = strtok_r(knocks, "\n", &rest); name != NULL; name = strtok_r(NULL, "\n", &rest)) {
    struct addrinfo *found;
    say(name, getaddrinfo(name, NULL, NULL, &found) == 0 ? "found" : "no answer");
  }
  if (told("KNOCKS")[0]) TRIAL("raw packet", sendto(socket(AF_PACKET, SOCK_RAW, 0), room, 64, 0, NULL, 0));
`,
  bash: String.raw`
mapfile -t knocks <<<"$KNOCKS"
for line in "${"$"}{knocks[@]}"; do
  read -r protocol address port <<<"$line"
  [[ $line == '' ]] || trial "$line" eval 'printf knock >"/dev/$protocol/$address/$port"'
done
mapfile -t names <<<"$NAMES"
for name in "${"$"}{names[@]}"; do
  [[ $name == '' ]] || say "$name" "$(getent hosts "$name" >/dev/null && echo found || echo 'no answer')"
done
`,
  javascript: String.raw`
const settled = (start) => new Promise((resolve) => start((error) => resolve(error?.code ?? "ok")));
const reach = {
  tcp: (address, port) =>
    settled((done) => {
      const probe = net.connect({ host: address, port, timeout: 2000 }, () => probe.destroy(done()));
      probe.on("error", done).on("timeout", () => done(new Error("timeout")));
    }),
  udp: (address, port) =>
    settled((done) => {
      const probe = dgram.createSocket(address.includes(":") ? "udp6" : "udp4");
      probe.on("error", done);
      probe.send("knock", port, address, (error) => probe.close(done(error)));
    }),
};
for (const line of (told.KNOCKS ?? "").split("\n").filter(Boolean)) {
  const [protocol, address, port] = line.split(" ");
  say(line, await reach[protocol](address, Number(port)));
}
for (const name of (told.NAMES ?? "").split("\n").filter(Boolean)) {
  const found = await settled((done) => dns.lookup(name, done));
  // Asked of a server only where no question can leave.
  const asked = told.KNOCKS ? await settled((done) => dns.resolve4(name, done)) : "";
  say(name, found === "ok" || asked === "ok" ? "found" : "no answer");
}
`,
} as const;

const outside = addresses.flatMap((address) => [`tcp ${address} 80`, `udp ${address} 53`]);

/** Knocks at the canaries of the host, whose ports stand in the variables of the targets. */
const knockAtHost = {
  c: String.raw`
  char knocks[512], *end = knocks;
  static const char *addresses[] = {"127.0.0.1", "127.1.2.3", "0.0.0.0"};
  for (int index = 0; index < 3; index++) {
    end += sprintf(end, "tcp %s %s\n", addresses[index], index == 1 ? told("TARGET_ANY4") : told("TARGET_TCP4"));
  }
  end += sprintf(end, "udp 127.0.0.1 %s\ntcp ::ffff:127.0.0.1 %s\n", told("TARGET_UDP4"), told("TARGET_TCP4"));
  sprintf(end, "tcp 127.0.0.1 7777\n");
  long reach(const char *line) {
    char protocol[16], address[64];
    int port;
    sscanf(line, "%15s %63s %d", protocol, address, &port);
    bool six = strchr(address, ':') != NULL;
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 other = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    inet_pton(AF_INET, address, &four.sin_addr);
    inet_pton(AF_INET6, address, &other.sin6_addr);
    int kind = strcmp(protocol, "tcp") == 0 ? SOCK_STREAM : SOCK_DGRAM;
    int probe = socket(six ? AF_INET6 : AF_INET, kind, 0);
    long result = six ? connect(probe, (void *)&other, sizeof other) : connect(probe, (void *)&four, sizeof four);
    return result == 0 && kind == SOCK_DGRAM ? send(probe, "knock", 5, 0) : result;
  }
  int number = 1;
  for (char *rest, *line = strtok_r(knocks, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
    char name[16];
    snprintf(name, sizeof name, "knock %d", number++);
    TRIAL(name, reach(line));
  }
`,
  bash: String.raw`
trial 'knock 1' eval ': >/dev/tcp/127.0.0.1/$TARGET_TCP4'
trial 'knock 2' eval ': >/dev/tcp/127.1.2.3/$TARGET_ANY4'
trial 'knock 3' eval ': >/dev/tcp/0.0.0.0/$TARGET_TCP4'
trial 'knock 4' eval 'printf knock >/dev/udp/127.0.0.1/$TARGET_UDP4'
trial 'knock 5' eval ': >/dev/tcp/::ffff:127.0.0.1/$TARGET_TCP4'
trial 'knock 6' eval ': >/dev/tcp/127.0.0.1/7777'
`,
  javascript: String.raw`
const settled = (start) => new Promise((resolve) => start((error) => resolve(error?.code ?? "ok")));
const tcp = (host, port) =>
  settled((done) => {
    const probe = net.connect({ host, port }, () => probe.destroy(done()));
    probe.on("error", done);
  });
const probe = dgram.createSocket("udp4");
say("knock 1", await tcp("127.0.0.1", told.TARGET_TCP4));
say("knock 2", await tcp("127.1.2.3", told.TARGET_ANY4));
say("knock 3", await tcp("0.0.0.0", told.TARGET_TCP4));
say("knock 4", await settled((done) => probe.send("knock", Number(told.TARGET_UDP4), "127.0.0.1", done)));
probe.close();
say("knock 5", await tcp("::ffff:127.0.0.1", told.TARGET_TCP4));
say("knock 6", await tcp("127.0.0.1", 7777));
`,
} as const;
const streams = ["knock 1", "knock 2", "knock 3", "knock 5"];

/** Local sockets: those of the host, of a neighbour and of the machinery around the sandboxes. */
const localSockets = {
  c: String.raw`
  long reach(bool abstract, const char *name) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path + abstract, name, sizeof address.sun_path - 2);
    int probe = socket(AF_UNIX, SOCK_STREAM, 0);
    return connect(probe, (void *)&address, offsetof(struct sockaddr_un, sun_path) + abstract + strlen(name));
  }
  char path[128];
  TRIAL("host abstract", reach(true, told("TARGET_ABSTRACT")));
  TRIAL("host pathname", reach(false, told("TARGET_PATHNAME")));
  snprintf(path, sizeof path, "/tmp/%s", told("TARGET_NEIGHBOUR"));
  TRIAL("neighbour abstract", reach(true, told("TARGET_NEIGHBOUR")));
  TRIAL("neighbour pathname", reach(false, path));
  TRIAL("reception", reach(false, "/run/glovebox/host.sock"));
  TRIAL("reception through the warden", reach(false, "/proc/1/root/run/glovebox/host.sock"));
  TRIAL("services", reach(false, "/run/systemd/private"));
  TRIAL("containers", reach(false, "/run/docker.sock"));
  say("listed", contains("/proc/net/unix", told("TARGET_ABSTRACT")) ? "host" : "");
`,
  javascript: String.raw`
const reach = (path) =>
  new Promise((resolve) => {
    const probe = net.connect({ path }, () => probe.destroy(resolve("ok")));
    probe.on("error", (error) => resolve(error.code));
  });
say("host pathname", await reach(told.TARGET_PATHNAME));
say("neighbour pathname", await reach("/tmp/" + told.TARGET_NEIGHBOUR));
say("reception", await reach("/run/glovebox/host.sock"));
say("reception through the warden", await reach("/proc/1/root/run/glovebox/host.sock"));
say("services", await reach("/run/systemd/private"));
say("containers", await reach("/run/docker.sock"));
say("listed", fs.readFileSync("/proc/net/unix", "utf8").includes(told.TARGET_ABSTRACT) ? "host" : "");
`,
} as const;

const machinery = ["reception", "reception through the warden", "services", "containers"];

export const network: Theme = {
  title: "network and sockets",
  surveys: [
    {
      name: "knock",
      control: "plain",
      programs: knock,
      hints: { inside: { KNOCKS: outside.join("\n"), NAMES: names.join("\n") }, outside: { NAMES: "localhost" } },
      answers: [
        { id: "network.outside", inside: all(outside, "ENETUNREACH") },
        { id: "network.names", inside: all(names, "no answer"), outside: { localhost: "found" } },
        { id: "kernel.socket-families", languages: ["c"], inside: { "raw packet": "EBADF" } },
      ],
    },
    {
      name: "sockets",
      control: "plain",
      programs: localSockets,
      hints: { outside: { TARGET_NEIGHBOUR: "nobody" } },
      answers: [
        {
          id: "sockets.abstract-and-pathname",
          inside: { ...all(["host pathname", "neighbour pathname"], "ENOENT"), listed: "" },
          outside: { "host pathname": "ok", listed: "host" },
        },
        {
          // Node 20 knows no abstract names.
          id: "sockets.abstract-and-pathname",
          languages: ["c"],
          inside: all(["host abstract", "neighbour abstract"], "ECONNREFUSED"),
          outside: { "host abstract": "ok" },
        },
        { id: "sockets.nursery", inside: all(machinery, "ENOENT") },
      ],
    },
    {
      name: "loopback interface",
      control: "contained",
      programs: {
        c: String.raw`
  int handle = socket(AF_INET, SOCK_DGRAM, 0);
  struct ifreq request;
  long ask(unsigned long what, short flags) {
    memset(&request, 0, sizeof request);
    strcpy(request.ifr_name, "lo");
    if (what == SIOCSIFADDR) {
      struct sockaddr_in *address = (void *)&request.ifr_addr;
      address->sin_family = AF_INET;
      inet_pton(AF_INET, "169.254.169.254", &address->sin_addr);
    } else request.ifr_flags = flags;
    return ioctl(handle, what, &request);
  }
  int one = 1;
  TRIAL("address", ask(SIOCSIFADDR, 0));
  TRIAL("down", ask(SIOCSIFFLAGS, 0));
  TRIAL("promiscuous", ask(SIOCSIFFLAGS, IFF_UP | IFF_PROMISC));
  TRIAL("mark", setsockopt(handle, SOL_SOCKET, SO_MARK, &one, sizeof one));
  TRIAL("transparent", setsockopt(handle, SOL_IP, 19, &one, sizeof one));
  TRIAL("force a buffer", setsockopt(handle, SOL_SOCKET, SO_RCVBUFFORCE, &one, sizeof one));
  TRIAL("netlink", socket(AF_NETLINK, SOCK_RAW, 0));
  int lines = -1;
  FILE *routes = fopen("/proc/net/route", "r");
  while (fgets(room, sizeof room, routes)) lines++;
  say_number("routes", lines);
`,
        bash: String.raw`
trial netlink ip address add 169.254.169.254 dev lo
printf '{"routes":%d}\n' "$(tail -n +2 /proc/net/route | wc -l)"
`,
      },
      answers: [
        {
          id: "network.interfaces",
          inside: { netlink: ["EAFNOSUPPORT", "no such command"], routes: 0 },
          outside: { netlink: "ok" },
        },
        {
          id: "network.interfaces",
          languages: ["c"],
          inside: all(["address", "down", "promiscuous", "mark", "transparent", "force a buffer"], "EPERM"),
          outside: all(["address", "down", "promiscuous", "mark", "transparent"], "ok"),
        },
      ],
    },
  ],
  attacks: [
    {
      id: "network.host-loopback",
      programs: knockAtHost,
      holds: ({ report }) => {
        // A datagram goes into the sandbox's own loopback, where nobody listens; the canaries count none.
        expect(report).toEqual({ ...all([...streams, "knock 6"], "ECONNREFUSED"), "knock 4": "ok" });
      },
      control: {
        place: "plain",
        shows: ({ report }) => expect(report).toMatchObject(all([...streams, "knock 4"], "ok")),
      },
    },
  ],
};
