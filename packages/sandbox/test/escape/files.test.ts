import { readdirSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { type AttackGround, openGround } from "../support/attack-ground.ts";
import { proves } from "../support/attack-proof.ts";

let ground: AttackGround;
beforeAll(async () => {
  ground = await openGround();
});
afterAll(() => ground.close());

const checkout = fileURLToPath(new URL("../../../..", import.meta.url)).replace(/\/$/, "");

const look = `
def read(path):
    with open(path, "rb") as file:
        return len(file.read(1 << 16))
def see(path):
    return sorted(os.listdir(path)) if os.path.isdir(path) else os.stat(path).st_size
`;

describe("files of the host and of neighbours", () => {
  proves("files.host-folders", "", async () => {
    const paths = [
      "/root",
      "/home",
      "/boot",
      "/opt",
      "/srv",
      "/sys",
      "/media",
      "/lost+found",
      "/var/lib",
      "/var/log",
      "/etc/shadow",
      "/etc/ssh",
      "/etc/ssl/private",
      checkout,
      tmpdir() === "/tmp" ? "/tmp/.X11-unix" : tmpdir(),
    ];
    const code = `${look}
for path in json.loads(os.environ["PATHS"]) + [target["folder"], target["file"], target["pathname"]]:
    found[path] = outcome(lambda: see(path))
    found["read " + path] = outcome(lambda: read(path))
finish()
`;
    const { report } = await ground.attack({ code, env: { PATHS: JSON.stringify(paths) } });
    expect([...new Set(Object.values(report))]).toEqual(["ENOENT"]);
    const { report: control } = await ground.control(`os.environ["PATHS"] = '["/home", "/sys"]'\n${code}`);
    expect(control["/sys"]).toContain("kernel");
    expect(control[`read ${ground.canaries.target.file}`]).toBe(41);
  });

  proves("files.host-users", "", async () => {
    const code = `
import pwd
found["users"] = sorted({entry.pw_name for entry in pwd.getpwall()})
found["files"] = sorted(os.listdir("/etc"))
finish()
`;
    const { report } = await ground.attack({ code });
    expect(["root", "root,sandbox"]).toContain((report.users as string[]).join());
    const known = [
      "alternatives",
      "debian_version",
      "fonts",
      "group",
      "hostname",
      "hosts",
      "ld.so.cache",
      "localtime",
      "matplotlibrc",
      "mime.types",
      "nsswitch.conf",
      "os-release",
      "passwd",
      "resolv.conf",
      "timezone",
    ];
    expect((report.files as string[]).filter((name) => !known.includes(name))).toEqual([]);
    expect((await ground.control(code)).report.users).toContain("daemon");
  });

  proves("files.host-environment", "", async () => {
    const code = `
seen = {name: "HOST_CANARY" in open(f"/proc/{name}/environ").read() for name in ("self", os.getpid())}
report(inherited="HOST_CANARY" in os.environ, memory=seen["self"], names=sorted(name for name in os.environ if name not in ("TARGET",)))
`;
    const { report } = await ground.attack({ code });
    expect(report).toMatchObject({ inherited: false, memory: false });
    expect(report.names).not.toContain("HOST_CANARY");
    const { report: control } = await ground.control(`
open_listener = open(f"/proc/{target['listener']}/environ").read()
report(memory="HOST_CANARY" in open_listener)
`);
    expect(control).toEqual({ memory: true });
  });

  proves("files.runtime-folder", "", async () => {
    // Programs see in /proc/self/mountinfo where their inputs lie, and could tell another user of the host.
    let listing: ReturnType<typeof listAsOther> | undefined;
    const { report } = await ground.attack({
      code: `
found["runtime"] = os.listdir("/run")
found["inputs"] = outcome(lambda: os.listdir("/inputs"))
finish()
`,
      files: [{ name: "large", content: "x".repeat(2 * 1024 * 1024) }],
      during: (run) => {
        listing = (async () => {
          for await (const event of run.events()) {
            if (event.type === "started") return listAsOther(runtimeFolders());
          }
          return [];
        })();
      },
    });
    const listings = (await listing) ?? [];
    expect(report.runtime).toEqual([]);
    expect([[], "ENOENT"]).toContainEqual(report.inputs);
    expect(listings.length).toBeGreaterThan(2);
    expect(listings.filter(({ listed }) => listed !== "EACCES")).toEqual([]);
  });

  proves("files.warden", "", async () => {
    const code = `${look}
for name in ("environ", "mem", "maps", "smaps", "root", "cwd", "exe", "fd", "fdinfo", "cmdline", "status", "stat", "mounts", "mountinfo", "ns", "task", "auxv", "syscall", "stack", "io", "net", "map_files", "oom_score_adj", "comm", "limits"):
    found[name] = outcome(lambda: read(f"/proc/{victim}/{name}") if not os.path.isdir(f"/proc/{victim}/{name}") else see(f"/proc/{victim}/{name}"))
for name in ("root/etc/passwd", "cwd/etc/passwd", "root/run/glovebox/host.sock", "fd/0", "fd/1", "fd/3", "ns/user", "task/1/mem"):
    found["in " + name] = outcome(lambda: read(f"/proc/{victim}/{name}"))
for name in ("mem", "oom_score_adj", "comm", "fd/1", "fd/4", "clear_refs", "uid_map"):
    found["write " + name] = outcome(lambda: os.close(os.open(f"/proc/{victim}/{name}", os.O_WRONLY)))
finish()
`;
    const { report } = await ground.attack({ code: `victim = 1\n${code}` });
    expect([...new Set(Object.values(report))]).toEqual(["ENOENT"]);
    const { report: control } = await ground.control(`victim = target["listener"]\n${code}`);
    expect(control).toMatchObject({
      environ: expect.any(Number),
      maps: expect.any(Number),
      fd: expect.arrayContaining(["0", "1"]),
      "write mem": "ok",
    });
  });

  proves("files.through-proc", "", async () => {
    const code = `${look}
import glob
seen = set()
for pattern in ("/proc/*/root", "/proc/*/cwd", "/proc/*/task/*/root", "/proc/*/fd/*"):
    for path in glob.glob(pattern):
        for name in (target["file"], "/etc/shadow", "/root", "/workspace/secret"):
            if outcome(lambda: os.stat(path + name)) not in ("ENOENT", "ENOTDIR", "EACCES", "EPERM", "ELOOP"):
                seen.add(name)
report(seen=sorted(seen))
`;
    const { report } = await ground.attack({ code });
    expect(report).toEqual({ seen: [] });
    expect((await ground.control(code)).report.seen).toContain(ground.canaries.target.file);
  });

  proves("files.neighbour", "", async () => {
    const code = `
found["workspace"] = sorted(os.listdir("/workspace"))
found["tmp"] = outcome(lambda: os.listdir("/tmp"))
found["shm"] = os.listdir("/dev/shm")
found["terminals"] = sorted(name for name in os.listdir("/dev/pts") if name != "ptmx")
found["terminal"] = outcome(lambda: os.write(os.open(target["neighbourTerminal"], os.O_WRONLY | os.O_NOCTTY), b"typed"))
found["segments"] = len(open("/proc/sysvipc/shm").read().splitlines()) - 1
finish()
`;
    const { report } = await ground.attack({ code });
    expect(report).toEqual({ workspace: [], tmp: [], shm: [], terminals: [], terminal: "ENOENT", segments: 0 });
    const { report: control } = await ground.control(`
primary, secondary = os.openpty()
other = os.open(os.ttyname(secondary), os.O_WRONLY | os.O_NOCTTY)
report(terminal=os.write(other, b"typed"))
`);
    expect(control).toEqual({ terminal: 5 });
  });

  proves("files.read-only-inputs", "", async () => {
    const content = "x".repeat(2 * 1024 * 1024);
    const { execution, report } = await ground.attack({
      code: `
def attempt(flags):
    os.write(os.open("large", flags), b"changed")
found["write"] = outcome(lambda: attempt(os.O_WRONLY))
found["truncate"] = outcome(lambda: attempt(os.O_WRONLY | os.O_TRUNC))
found["chmod"] = outcome(lambda: os.chmod("large", 0o777))
found["chown"] = outcome(lambda: os.chown("large", os.getuid(), os.getgid()))
found["times"] = outcome(lambda: os.utime("large"))
found["unlink"] = outcome(lambda: os.unlink("large"))
found["rename"] = outcome(lambda: os.rename("large", "small"))
found["link"] = outcome(lambda: os.link("large", "second"))
found["attribute"] = outcome(lambda: os.setxattr("large", "user.owned", b"1"))
found["memory"] = outcome(lambda: __import__("mmap").mmap(os.open("large", os.O_RDONLY), 4096, prot=3) and None)
found["reopened"] = outcome(lambda: os.open(f"/proc/self/fd/{os.open('large', os.O_RDONLY)}", os.O_WRONLY))
found["staged"] = outcome(lambda: os.listdir("/inputs"))
finish()
`,
      files: [{ name: "large", content }],
    });
    const { staged, memory, ...answers } = report;
    for (const [name, answer] of Object.entries(answers)) {
      expect([name, ["EROFS", "EACCES", "EPERM", "EBUSY", "EXDEV"]]).toEqual([name, expect.arrayContaining([answer])]);
    }
    expect([[], "ENOENT"]).toContainEqual(staged);
    expect(memory).toBe("EACCES");
    expect(execution.artifacts).toEqual([]);
  });
});

/** The folders of this process's instances that hold sockets and inputs, from the outermost to the innermost. */
function runtimeFolders(): string[] {
  const root = join(tmpdir(), `glovebox-${process.getuid?.()}`);
  const below = (folder: string): string[] =>
    readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !["etc", "runners"].includes(entry.name))
      .flatMap((entry) => [join(folder, entry.name), ...below(join(folder, entry.name))]);
  return below(root).filter((path) => path.startsWith(join(root, `${process.pid}-`)));
}

/** What a user of the host who is neither root nor this one gets for an attempt to list each folder. */
async function listAsOther(folders: readonly string[]): Promise<{ path: string; listed: string }[]> {
  if (process.getuid?.() !== 0) {
    // Nobody else can be asked: what the mode gives to others is what they would get.
    const lets = (path: string, right: number) => (statSync(path).mode & right) !== 0;
    const enters = (path: string) => folders.every((folder) => !path.startsWith(`${folder}/`) || lets(folder, 0o001));
    return folders.map((path) => ({ path, listed: enters(path) && lets(path, 0o004) ? "ok" : "EACCES" }));
  }
  const code = `for path in ${JSON.stringify(folders)}:\n    found[path] = outcome(lambda: os.listdir(path) and "ok")\nfinish()\n`;
  const { report } = await ground.control(code, ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]);
  return Object.entries(report).map(([path, listed]) => ({ path, listed: String(listed) }));
}
