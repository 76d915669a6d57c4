import { existsSync, mkdtempSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type Account, collect, follow, mustRun, root, scratch } from "./commands.ts";
import { type Counts, counted, readUnittest, readVitest } from "./counts.ts";
import { type Lane, lanes } from "./lanes.ts";
import { hasCgroups, ordinaryAccount, ordinaryUser } from "./ordinary-user.ts";

export interface Stage {
  readonly name: string;
  readonly run: () => Promise<Counts>;
  /** Measures no time and fills no machine, so that it may run beside its neighbours. */
  readonly besideOthers?: true;
}

/** How the tests with real sandboxes are run: as whom, and with which variables. */
interface Mode {
  /** Put behind the name of the lane. */
  readonly suffix: string;
  readonly account: Account;
  readonly projects: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
}

function unittestStage(account: Account, folder: string): Stage {
  const discover = ["-m", "unittest", "discover", "-s", `runners/${folder}/test`, "-t", "runners"];
  return {
    name: `runners/${folder}`,
    besideOthers: true,
    run: async () => {
      const { status, output } = await collect(account, ["/usr/bin/python3", ...discover]);
      process.stdout.write(`\ntest: runners/${folder}\n${output}`);
      return counted(readUnittest(output), status);
    },
  };
}

function vitestStage(name: string, account: Account, projects: readonly string[], variables: Mode["variables"]): Stage {
  return {
    name,
    run: async () => {
      const folder = mkdtempSync(join(scratch, "report-"));
      if (account.prefix.length > 0) mustRun("chown", [ordinaryUser, folder]);
      const report = join(folder, "report.json");
      const status = await follow(account, [
        "env",
        ...Object.entries(variables).map(([key, value]) => `${key}=${value}`),
        process.execPath,
        join(account.checkout, "node_modules/vitest/vitest.mjs"),
        "run",
        // The usual loader writes a compiled copy of the configuration into the checkout.
        "--configLoader=runner",
        ...projects.map((project) => `--project=${project}`),
        "--silent=passed-only",
        "--reporter=default",
        "--reporter=json",
        `--outputFile.json=${report}`,
      ]);
      return counted(readVitest(report), status);
    },
  };
}

function inBothLanes({ suffix, account, projects, variables }: Mode): Stage[] {
  return lanes.map((lane: Lane) =>
    vitestStage(`${lane}${suffix}`, account, projects, { GLOVEBOX_TEST_LANE: lane, ...variables }),
  );
}

/** The stages of whoever runs the tests: everything once. */
export function ownStages(): Stage[] {
  const self: Account = { prefix: [], checkout: root };
  const folders = readdirSync(join(root, "runners")).filter((name) => existsSync(join(root, "runners", name, "test")));
  return [
    ...folders.map((folder) => unittestStage(self, folder)),
    vitestStage("unit", self, ["unit"], {}),
    ...inBothLanes({ suffix: "", account: self, projects: ["sandbox", "escape", "system"], variables: {} }),
  ];
}

/**
 * The stages of root as an ordinary user, with cgroups if that user can have them, and without: what depends on one or
 * the other, or `everything` in both ways. Who has no cgroups needs none taken away: one repetition shows both.
 */
export function repetitions(everything: boolean): Stage[] {
  const account = ordinaryAccount();
  const projects = ["sandbox", "escape"];
  const only = (names: string) => (everything ? {} : { GLOVEBOX_TEST_DEPENDS_ON: names });
  const user = { suffix: ` as ${ordinaryUser}`, account, projects, variables: only("identity") };
  if (!everything && !hasCgroups(account)) {
    return inBothLanes({ ...user, suffix: `${user.suffix} without cgroups`, variables: only("identity,cgroups") });
  }
  const variables = { ...only("cgroups"), GLOVEBOX_TEST_CGROUPS: "none" };
  return [user, { suffix: `${user.suffix} without cgroups`, account, projects, variables }].flatMap(inBothLanes);
}
