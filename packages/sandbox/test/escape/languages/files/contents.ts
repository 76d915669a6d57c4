import { expect } from "vitest";
import { type Attack, expectAnswers, expectRefusals } from "../theme.ts";

/** Changes a large input, which is a file of the host, and an own file in the same ways. */
const changeInputs = {
  c: String.raw`
  TRIAL("own file", put("own", "changed"));
  int reading = open("large", O_RDONLY);
  char reopened[64];
  snprintf(reopened, sizeof reopened, "/proc/self/fd/%d", reading);
  TRIAL("write", poke("large", "changed"));
  TRIAL("truncate", truncate("large", 0));
  TRIAL("chmod", chmod("large", 0777));
  TRIAL("chown", chown("large", getuid(), getgid()));
  TRIAL("times", utimensat(AT_FDCWD, "large", NULL, 0));
  TRIAL("unlink", unlink("large"));
  TRIAL("rename", rename("large", "small"));
  TRIAL("replace", rename("own", "large"));
  TRIAL("link", link("large", "second"));
  TRIAL("attribute", setxattr("large", "user.owned", "1", 1, 0));
  TRIAL("reopened", open(reopened, O_WRONLY));
  TRIAL("memory", mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, reading, 0) == MAP_FAILED ? -1 : 0);
  TRIAL("allocate", syscall(SYS_fallocate, reading, 0, 0L, 8192L));
  char before[8] = "", after[8] = "";
  int fd = open("/proc/self/mem", O_RDWR);
  void *mapped = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, reading, 0);
  pread(reading, before, sizeof before, 0);
  pwrite(fd, "changed", 7, (off_t)mapped); /* the kernel writes to a copy, however read-only the memory is */
  pread(reading, after, sizeof after, 0);
  say("through /proc/self/mem", memcmp(before, after, sizeof before) == 0 ? "unchanged" : "changed");
  TRIAL("staged", peek("/inputs/products"));
  say("staged inputs", listing("/inputs"));
  unlink("own");
`,
  bash: String.raw`
trial 'own file' eval 'echo changed >own'
exec {reading}<large
trial write eval 'echo changed 1<>large'
trial truncate truncate --size 0 large
trial chmod chmod 777 large
trial chown chown "$(id -u)" large
trial times touch large
trial unlink rm -f large
trial rename mv large small
trial replace mv -f own large
trial link ln large second
trial reopened eval 'echo changed 1<>/proc/self/fd/$reading'
trial allocate fallocate --length 8192 large
trial staged peek /inputs/products
say 'staged inputs' "$(listing /inputs)"
rm -f own
`,
  javascript: String.raw`
trial("own file", () => fs.writeFileSync("own", "changed"));
const reading = fs.openSync("large");
trial("write", () => poke("large", "changed"));
trial("truncate", () => fs.truncateSync("large"));
trial("chmod", () => fs.chmodSync("large", 0o777));
trial("chown", () => fs.chownSync("large", process.getuid(), process.getgid()));
trial("times", () => fs.utimesSync("large", 1, 1));
trial("unlink", () => fs.unlinkSync("large"));
trial("rename", () => fs.renameSync("large", "small"));
trial("replace", () => fs.renameSync("own", "large"));
trial("link", () => fs.linkSync("large", "second"));
trial("reopened", () => poke("/proc/self/fd/" + reading, "changed"));
trial("staged", () => peek("/inputs/products"));
say("staged inputs", listing("/inputs"));
fs.unlinkSync("own");
`,
} as const;

const changes = ["write", "truncate", "chmod", "chown", "times", "unlink", "rename", "replace", "link", "reopened"];

export const readOnlyInputs: Attack = {
  id: "files.read-only-inputs",
  programs: changeInputs,
  request: { files: [{ name: "large", content: "x".repeat(2 * 1024 * 1024) }] },
  holds: ({ execution, report, language }) => {
    expectRefusals(report, language === "c" ? [...changes, "attribute", "memory", "allocate"] : changes);
    expectAnswers(report, { "own file": "ok", staged: "ENOENT", "staged inputs": ["", "ENOENT"] });
    if (language === "c") expectAnswers(report, { "through /proc/self/mem": "unchanged" });
    expect(execution.artifacts).toEqual([]);
  },
  control: { why: "the same program changes a file of its own" },
};

export const kernelSecrets: Attack = {
  id: "files.kernel-secrets",
  variant: "what is read of them",
  programs: {
    c: String.raw`
  char content[1 << 12] = "";
  int descriptor = open("/proc/kallsyms", O_RDONLY);
  say_number("symbols", read(descriptor, content, sizeof content));
  long addresses = 0;
  FILE *memory = fopen("/proc/iomem", "r");
  while (memory != NULL && fgets(content, sizeof content, memory)) addresses += strtoul(content, NULL, 16) != 0;
  say_number("addresses", addresses);
  uint64_t page = 0;
  descriptor = open("/proc/self/pagemap", O_RDONLY);
  pread(descriptor, &page, 8, (long)content / 4096 * 8);
  say_number("frame", page & ((1UL << 55) - 1));
`,
    bash: String.raw`
printf '{"symbols":%d}\n' "$(head -c 4096 /proc/kallsyms 2>/dev/null | wc -c)"
printf '{"addresses":%d}\n' "$(grep -cv '^ *0*-' /proc/iomem)"
`,
    javascript: String.raw`
say("symbols", fs.readFileSync("/proc/kallsyms", "utf8").length);
say("addresses", fs.readFileSync("/proc/iomem", "utf8").split("\n").filter((line) => parseInt(line, 16) > 0).length);
`,
  },
  holds: ({ report }) => {
    const { symbols, addresses, frame } = report;
    expect([symbols, addresses, frame ?? 0]).toEqual([0, 0, 0]);
  },
  control: {
    place: "plain",
    shows: ({ report }) => expect(report.symbols).toBeGreaterThan(0),
  },
};
