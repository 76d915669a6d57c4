import { expect } from "vitest";
import { all, expectAnswers, type Theme } from "./theme.ts";

const MIB = 1024 * 1024;
const limits = { diskBytes: 8 * MIB };
const diskLimit = { kind: "disk-limit", violations: [], stage: "run" };
const elsewhere = [
  ...[
    "/",
    "/usr",
    "/usr/lib",
    "/usr/bin",
    "/etc",
    "/bin",
    "/lib",
    "/run",
    "/inputs",
    "/mnt",
    "/var",
    "/dev",
    "/dev/pts",
  ],
  ...["/proc", "/root", "/home", "/opt", "/opt/glovebox", "/glovebox-warm"],
];

/** Fills the writable folders with `amount` files of SIZE bytes and says how many it made. */
const fill = {
  c: String.raw`
  static const char *folders[] = {"/workspace", "/tmp", "/dev/shm", "/glovebox"};
  const char *place = told("PLACE"), *refused = "nothing";
  long size = atol(told("SIZE")), made = 0;
  char path[4200];
  for (; made < amount; made++) {
    snprintf(path, sizeof path, "%s/fill-%ld", place[0] ? place : folders[made % 4], made);
    int file = open(path, O_WRONLY | O_CREAT, 0600);
    if (file < 0 || (size > 0 && write(file, memset(room, 1, sizeof room), size) < size)) { refused = said(-1); break; }
    close(file);
  }
  say_number("made", made);
  say("refused", refused);
  return strcmp(refused, "nothing") == 0 ? 0 : 1;
`,
  bash: String.raw`
folders=(/workspace /tmp /dev/shm /glovebox)
[[ -z $PLACE ]] || folders=("$PLACE" "$PLACE" "$PLACE" "$PLACE")
printf -v block '%*s' "$SIZE" ''
for ((made = 0; made < amount; made++)); do
  printf '%s' "$block" >"${"$"}{folders[made % 4]}/fill-$made" || break
done 2>/dev/null
printf '{"made":%d}\n' "$made"
((made == amount))
`,
  javascript: String.raw`
const folders = told.PLACE ? [told.PLACE] : ["/workspace", "/tmp", "/dev/shm", "/glovebox"];
const block = Buffer.alloc(Number(told.SIZE), 1);
let made = 0;
try {
  for (; made < amount; made++) fs.writeFileSync(folders[made % folders.length] + "/fill-" + made, block);
} catch (error) {
  process.exitCode = 1;
}
say("made", made);
`,
} as const;

export const disk: Theme = {
  title: "disk",
  surveys: [
    {
      name: "elsewhere",
      control: "ordinary",
      programs: {
        c: String.raw`
  char folders[1 << 12], path[4200];
  snprintf(folders, sizeof folders, "%s", told("FOLDERS"));
  for (char *rest, *folder = strtok_r(folders, " ", &rest); folder != NULL; folder = strtok_r(NULL, " ", &rest)) {
    snprintf(path, sizeof path, "%s/planted", folder);
    TRIAL(folder, put(path, "x"));
  }
  snprintf(path, sizeof path, "%s/planted", told("PLACE"));
  TRIAL("own folder", put(path, "x"));
  unlink(path);
  snprintf(path, sizeof path, "%s/hole", told("PLACE"));
  signal(SIGXFSZ, SIG_IGN);
  int hole = open(path, O_RDWR | O_CREAT, 0600);
  TRIAL("hole", ftruncate(hole, 1000000000000));
  TRIAL("far", pwrite(hole, "x", 1, 1000000000000));
  /* On the host it would take all that is free. */
  if (told("ALLOCATE")[0]) TRIAL("allocated", fallocate(hole, FALLOC_FL_KEEP_SIZE, 0, 1L << 40));
  unlink(path);
`,
        bash: String.raw`
for folder in $FOLDERS; do trial "$folder" eval ': >"$folder/planted"'; done
trial 'own folder' eval ': >"$PLACE/planted"'
trial hole truncate --size 1000000000000 "$PLACE/hole"
trial far eval 'printf x | dd of="$PLACE/hole" bs=1 seek=1000000000000 conv=notrunc status=none'
[[ -z $ALLOCATE ]] || trial allocated fallocate --keep-size --length 1T "$PLACE/hole"
rm -f "$PLACE/planted" "$PLACE/hole"
`,
        javascript: String.raw`
for (const folder of told.FOLDERS.split(" ")) trial(folder, () => fs.writeFileSync(folder + "/planted", "x"));
trial("own folder", () => fs.writeFileSync(told.PLACE + "/planted", "x"));
process.on("SIGXFSZ", () => {});
const hole = fs.openSync(told.PLACE + "/hole", "w+");
trial("hole", () => fs.ftruncateSync(hole, 1e12));
trial("far", () => fs.writeSync(hole, "x", 1e12));
fs.unlinkSync(told.PLACE + "/hole");
fs.unlinkSync(told.PLACE + "/planted");
`,
      },
      hints: {
        inside: { FOLDERS: elsewhere.join(" "), PLACE: "/workspace", ALLOCATE: "yes" },
        outside: { FOLDERS: "/tmp/glovebox-no-such-folder" },
      },
      answers: [
        {
          id: "disk.elsewhere",
          inside: { ...all(elsewhere, ["EROFS", "EACCES", "EPERM", "ENOENT"]), "own folder": "ok" },
          outside: { "own folder": "ok" },
        },
        {
          id: "disk.sparse-file",
          inside: all(["hole", "far"], ["EFBIG", "SIGXFSZ"]),
          outside: all(["hole", "far"], "ok"),
        },
        {
          id: "disk.sparse-file",
          languages: ["bash", "c"],
          inside: { allocated: ["EFBIG", "SIGXFSZ", "ENOSPC"] },
        },
      ],
    },
  ],
  attacks: [
    {
      id: "disk.bytes",
      programs: fill,
      amount: 1_000,
      request: { limits, env: { SIZE: "65536", PLACE: "" } },
      holds: ({ execution, report }) => {
        expect(execution.outcome).toEqual(diskLimit);
        // The warden may see the full disk before the program has said a word. The sources are on the disk, too.
        expect(Number(report.made ?? 0) * 65_536).toBeLessThanOrEqual(8 * MIB);
      },
      control: {
        place: "ordinary",
        amount: 200,
        hints: { SIZE: "65536" },
        shows: ({ report }) => expectAnswers(report, { made: 200 }),
      },
    },
    {
      id: "disk.bytes",
      variant: "one program that never stops trying",
      programs: {
        c: String.raw`
  for (long count = 0; amount > 0; count++) {
    char name[32];
    snprintf(name, sizeof name, "fill-%ld", count);
    int file = open(name, O_WRONLY | O_CREAT, 0600);
    write_all(file, memset(room, 1, sizeof room), sizeof room);
    close(file);
  }
`,
        bash: "while ((amount > 0)); do head -c 65536 /dev/zero >>fill 2>/dev/null; done",
        javascript: String.raw`
const block = Buffer.alloc(65536, 1);
while (amount > 0) {
  try {
    fs.appendFileSync("fill", block);
  } catch {}
}
`,
      },
      amount: 1,
      request: { limits },
      holds: ({ execution }) => expect(execution.outcome).toEqual(diskLimit),
      control: { why: "the same primitive" },
    },
    {
      id: "disk.inodes",
      programs: fill,
      amount: 4_000,
      request: { limits: { ...limits, timeoutMs: 20_000 }, env: { SIZE: "0", PLACE: "" } },
      holds: ({ execution, report }) => {
        expect(execution.outcome).toEqual(diskLimit);
        expect(Number(report.made ?? 0)).toBeLessThanOrEqual(2_048);
      },
      control: {
        place: "ordinary",
        amount: 2_500,
        hints: { SIZE: "0" },
        shows: ({ report }) => expectAnswers(report, { made: 2_500 }),
      },
    },
    {
      id: "disk.descriptors",
      programs: {
        c: String.raw`
  long own = 0;
  while (own < amount && open("/dev/null", O_RDONLY) >= 0) own++;
  say("answer", own < amount ? said(-1) : "ok");
  say_number("own", own);
`,
        bash: String.raw`
own=0
while ((own < amount)) && exec {descriptor}</dev/null; do ((++own)); done 2>/dev/null
printf '{"own":%d}\n' "$own"
`,
        javascript: String.raw`
let own = 0;
const answer = outcome(() => {
  for (; own < amount; own++) fs.openSync("/dev/null");
});
say("answer", answer);
say("own", own);
`,
      },
      amount: 300,
      request: { limits: { openFiles: 128 } },
      holds: ({ execution, report }) => {
        expect(execution.outcome.kind).toBe("exited");
        expect(Number(report.own)).toBeLessThan(128);
        expect(["EMFILE", undefined]).toContain(report.answer);
      },
      control: { place: "ordinary", amount: 300, shows: ({ report }) => expect(report.own).toBe(300) },
    },
  ],
};
