import { afterAll, beforeAll, describe, expect } from "vitest";
import { type AttackGround, openGround } from "../support/attack-ground.ts";
import { proves } from "../support/attack-proof.ts";

let ground: AttackGround;
beforeAll(async () => {
  ground = await openGround();
});
afterAll(() => ground.close());

const MIB = 1024 * 1024;
const limits = { diskBytes: 8 * MIB };
const diskLimit = { kind: "disk-limit", violations: [], stage: "run" };

/** Fills every folder that can be written with files of `size` bytes until nothing is left, then goes on. */
const fill = (size: number, most: number, folders: string) => `
import shutil, tempfile
made, written, refused, folders = 0, 0, None, ${folders}
while made < ${most} and refused is None:
    try:
        with open(f"{folders[made % len(folders)]}/fill-{made}", "wb", 0) as file:
            written += file.write(b"x" * ${size})
        made += 1
    except OSError as error:
        refused = said(error.errno)
report(made=made, written=written, refused=refused)
`;
const everywhere = `["/workspace", "/tmp", "/dev/shm", "/var/tmp"]`;
const ownFolder = `[tempfile.mkdtemp(dir=target["folder"])]`;
const tidy = "shutil.rmtree(folders[0])\n";

describe("disk", () => {
  proves("disk.bytes", "", async () => {
    const { execution, report } = await ground.attack({
      code: `${fill(256 * 1024, 48, everywhere)}sys.exit(1)`,
      limits,
    });
    expect(execution.outcome).toEqual(diskLimit);
    // The warden may see the full disk before the program has said a word.
    if (report.refused !== undefined) {
      expect(report.refused).toBe("ENOSPC");
      // One page more than the limit, by which the warden tells a full disk from one that is just used up.
      expect(report.written).toBeLessThanOrEqual(8 * MIB + 65_536);
    }
  });

  proves("disk.bytes", "control: the host takes more", async () => {
    const { report } = await ground.control(fill(256 * 1024, 48, ownFolder) + tidy);
    expect(report).toEqual({ made: 48, written: 12 * MIB, refused: null });
  });

  proves("disk.bytes", "one program that never stops trying", async () => {
    const { execution } = await ground.attack({
      code: `
count = 0
while True:
    count += 1
    try:
        with open(f"fill-{count}", "wb", 0) as file:
            while True:
                file.write(b"x" * 65536)
    except OSError:
        pass
`,
      limits,
    });
    expect(execution.outcome).toEqual(diskLimit);
  });

  proves("disk.inodes", "", async () => {
    const { execution, report } = await ground.attack({ code: `${fill(0, 4_000, everywhere)}sys.exit(1)`, limits });
    expect(execution.outcome).toEqual(diskLimit);
    if (report.refused !== undefined) {
      expect(report.refused).toBe("ENOSPC");
      expect(report.made).toBeLessThanOrEqual(2_048);
    }
  });

  proves("disk.inodes", "control: the host takes more", async () => {
    const { report } = await ground.control(fill(0, 4_000, ownFolder) + tidy);
    expect(report).toEqual({ made: 4_000, written: 0, refused: null });
  });

  const hole = (folder: string) => `
import tempfile
path = ${folder} + "/hole"
with open(path, "wb") as file:
    found["hole"] = outcome(lambda: file.truncate(10**12))
    found["far"] = outcome(lambda: os.pwrite(file.fileno(), b"x", 10**12))
    found["size"] = os.fstat(file.fileno()).st_size
os.unlink(path)
finish()
`;

  proves("disk.sparse-file", "", async () => {
    const { report } = await ground.attack({ code: hole(`"/workspace"`), limits });
    expect(report).toEqual({ hole: "EFBIG", far: "EFBIG", size: 0 });
    const { report: control } = await ground.control(hole(`tempfile.mkdtemp(dir=target["folder"])`));
    expect(control).toEqual({ hole: 10 ** 12, far: 1, size: 10 ** 12 + 1 });
  });

  proves("disk.elsewhere", "", async () => {
    const code = `
for folder in ("/", "/usr", "/usr/lib", "/usr/bin", "/etc", "/bin", "/lib", "/run", "/inputs", "/mnt", "/var", "/dev", "/dev/pts", "/proc", "/root", "/home"):
    found[folder] = outcome(lambda: os.close(os.open(folder + "/planted", os.O_CREAT | os.O_WRONLY)))
finish()
`;
    const { report } = await ground.attack({ code });
    const absent = ["/root", "/home"];
    for (const [folder, answer] of Object.entries(report)) {
      const expected = absent.includes(folder) ? ["ENOENT"] : ["EROFS", "EACCES", "EPERM", "ENOENT"];
      expect([folder, expected]).toEqual([folder, expect.arrayContaining([answer])]);
    }
    expect(Object.keys(report)).toHaveLength(16);
  });

  proves("disk.descriptors", "", async () => {
    const code = `
def exhaust():
    opened = []
    try:
        while len(opened) < 300:
            opened.append(os.open("/dev/null", os.O_RDONLY))
    except OSError as error:
        return [len(opened), said(error.errno)]
    finally:
        for descriptor in opened:
            os.close(descriptor)
    return [len(opened), None]
found["own"] = exhaust()
holders, reader, writer = [], *os.pipe()
for _ in range(20):
    child = os.fork()
    if child == 0:
        try:
            while True:
                os.dup(0)
        except OSError:
            os.write(writer, b"1")
            time.sleep(60)  # it is killed before
            os._exit(0)
    holders.append(child)
held = 0
while held < 20:
    held += len(os.read(reader, 20))
found["others"] = outcome(lambda: os.close(os.open("/dev/null", os.O_RDONLY)))
for child in holders:
    os.kill(child, signal.SIGKILL)
finish()
`;
    const { execution, report } = await ground.attack({ code, limits: { openFiles: 128 } });
    expect((report.own as [number, string])[0]).toBeLessThan(128);
    expect([(report.own as [number, string])[1], report.others]).toEqual(["EMFILE", "ok"]);
    expect(execution.outcome.kind).toBe("exited");
    const { report: control } = await ground.control(
      code.replace("while True:\n                os.dup(0)", "raise OSError"),
    );
    expect(control.own).toEqual([300, null]);
  });
});
