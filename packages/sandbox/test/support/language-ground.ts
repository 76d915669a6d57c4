import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Attack,
  type Attacked,
  type AttackLanguage,
  attackLanguages,
  type Controlled,
  type ControlPlace,
  type Hints,
  type Programs,
  type Theme,
} from "../escape/languages/theme.ts";
import { type AttackGround, openGround, reportIn, targetVariables } from "./attack-ground.ts";
import { programBash } from "./attack-prelude-bash.ts";
import { programC } from "./attack-prelude-c.ts";
import { programJavascript } from "./attack-prelude-javascript.ts";
import { eventually } from "./host-slowness.ts";

/** A program of an attack, with its name among those that are compiled together. */
interface Named {
  readonly name: string;
  readonly programs: Programs;
}

/** Everything of the themes that is a program, with the name by which the one program in C knows it. */
function namedPrograms(themes: readonly Theme[]): Named[] {
  return themes.flatMap(({ surveys, attacks }) => [
    ...surveys.map(({ name, programs }) => ({ name: `survey ${name}`, programs })),
    ...attacks.map((attack) => ({ name: nameOf(attack), programs: attack.programs })),
  ]);
}

export function nameOf({ id, variant }: Attack): string {
  return variant === undefined ? id : `${id} ${variant}`;
}

/** Where attacks in other languages than Python take place, inside and as controls on the host. */
export interface LanguageGround {
  readonly ground: AttackGround;
  /** Runs one attack in all of its languages at the same time. */
  attack(named: Named, request?: Attack["request"] & Pick<Attack, "amount" | "run" | "during">): Promise<Attacked[]>;
  control(
    named: Named,
    place: ControlPlace,
    request?: { readonly amount?: number; readonly hints?: Hints; readonly kills?: true },
  ): Promise<Controlled[]>;
  close(): Promise<void>;
}

const throwaway = ["--user", "--map-root-user", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];
const ordinary = process.getuid?.() === 0 ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : [];
const wrappers: Readonly<Record<ControlPlace, readonly string[]>> = {
  plain: [],
  contained: ["unshare", ...throwaway, "--net", "--ipc", "--uts", "--cgroup"],
  ordinary,
  victim: ordinary,
};

/** A process of an ordinary user that only waits; resolves when it is that user's. */
async function startVictim(): Promise<ChildProcess> {
  const [command = "sh", ...args] = [...ordinary, "sh", "-c", "echo ready; exec sleep 60"];
  const victim = spawn(command, args, { stdio: ["ignore", "pipe", "ignore"] });
  await once(victim.stdout, "data");
  return victim;
}

/** Whether a process ends by itself within a moment. */
async function endsSoon(child: ChildProcess): Promise<boolean> {
  const ended = () => (child.exitCode === null && child.signalCode === null ? undefined : true);
  return (await eventually("the victim's end", ended).catch(() => undefined)) ?? false;
}

function languagesOf(programs: Programs): AttackLanguage[] {
  return attackLanguages.filter((language) => programs[language] !== undefined);
}

export async function openLanguageGround(themes: readonly Theme[]): Promise<LanguageGround> {
  const folder = mkdtempSync(join(tmpdir(), "attacks-"));
  try {
    return await build(folder, themes);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

async function build(folder: string, themes: readonly Theme[]): Promise<LanguageGround> {
  chmodSync(folder, 0o755);
  const sourceC = programC(
    namedPrograms(themes).flatMap(({ name, programs: { c } }) => (c === undefined ? [] : [[name, c] as const])),
  );
  const source = join(folder, "attacks.c");
  const binary = join(folder, "attacks");
  writeFileSync(source, sourceC);
  execFileSync("/usr/bin/gcc", ["-std=gnu17", "-O1", "-w", "-pthread", source, "-o", binary]);
  chmodSync(binary, 0o755);
  const ground = await openGround({ languages: ["python", ...attackLanguages], cacheDir: join(folder, "cache") });

  function codeOf({ programs }: Named, language: AttackLanguage): string {
    if (language === "c") return sourceC;
    const body = programs[language] ?? "";
    return language === "bash" ? programBash(body) : programJavascript(body);
  }

  /** The command line that starts a program on the host. */
  function commandOf(named: Named, language: AttackLanguage): string[] {
    if (language === "c") return [binary, named.name];
    const script = join(folder, `${named.name.replaceAll(/[^a-z0-9]/g, "-")}.${language === "bash" ? "sh" : "cjs"}`);
    writeFileSync(script, codeOf(named, language));
    chmodSync(script, 0o644);
    return [language === "bash" ? "/usr/bin/bash" : "/usr/bin/node", script];
  }

  return {
    ground,
    async attack(named, { amount = 0, ...request } = {}) {
      const languages = languagesOf(named.programs);
      const attacks = languages.map((language) => ({
        ...request,
        language,
        code: codeOf(named, language),
        args: [...(language === "c" ? [named.name] : []), String(amount)],
      }));
      const ends = await ground.attackAtOnce(attacks);
      return languages.flatMap((language, index) => {
        const end = ends[index];
        return end === undefined ? [] : [{ language, isolation: ground.sandboxes.isolation, ...end }];
      });
    },
    control(named, place, { amount = 0, hints = {}, kills } = {}) {
      const env = { ...targetVariables(ground.canaries.target), ...hints };
      return Promise.all(
        languagesOf(named.programs).map(async (language) => {
          const scratch = mkdtempSync(join(tmpdir(), "scratch-"));
          chmodSync(scratch, 0o777);
          const victim = place === "victim" ? await startVictim() : undefined;
          try {
            const command = [...wrappers[place], ...commandOf(named, language), String(amount)];
            const known = { PLACE: scratch, ...env, ...(victim === undefined ? {} : { VICTIM: String(victim.pid) }) };
            const end = await ground.canaries.run(command, known, scratch);
            const victimEnded = kills === true && victim !== undefined && (await endsSoon(victim));
            return { language, report: reportIn(end.stdout), victimEnded, ...end };
          } finally {
            victim?.kill("SIGKILL");
            rmSync(scratch, { recursive: true, force: true });
          }
        }),
      );
    },
    async close() {
      await ground.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
