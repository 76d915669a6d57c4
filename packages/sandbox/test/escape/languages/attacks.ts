import { afterAll, beforeAll, describe } from "vitest";
import { proves } from "../../support/attack-proof.ts";
import { stretched } from "../../support/host-slowness.ts";
import { type LanguageGround, nameOf, openLanguageGround } from "../../support/language-ground.ts";
import { controlsRun } from "../repeated.ts";
import { type Attacked, attackLanguages, type Controlled, expectAnswers, type Survey, type Theme } from "./theme.ts";

/*
 * The attacks of the manifest in Bash, JavaScript and C. What harms nobody is tried by one program of each language for
 * each survey; every other attack has sandboxes of its own, those of its languages at the same time.
 */

/** Makes a survey once, inside and outside, whichever test asks for it first. */
function surveyed({ name, programs, control, hints }: Survey, ground: () => LanguageGround) {
  let made: Promise<{ inside: Attacked[]; outside: Controlled[] }> | undefined;
  return () => {
    made ??= (async () => {
      const named = { name: `survey ${name}`, programs };
      // Some have tens of thousands of trials.
      const limits = { timeoutMs: stretched(20_000) };
      const request = { limits, ...(hints?.inside === undefined ? {} : { env: hints.inside }) };
      const inside = await ground().attack(named, request);
      const outside = controlsRun ? await ground().control(named, control, { hints: hints?.outside ?? {} }) : [];
      return { inside, outside };
    })();
    return made;
  };
}

/** Says with a failure which of the languages it was. */
async function inLanguage(language: string, check: () => void | Promise<void>): Promise<void> {
  try {
    await check();
  } catch (error) {
    if (error instanceof Error) error.message = `${language}: ${error.message}`;
    throw error;
  }
}

/** Declares the tests of these themes, on one ground for all of them. */
export function declareAttacks(themes: readonly Theme[]): void {
  let opened: LanguageGround | undefined;
  beforeAll(async () => {
    opened = await openLanguageGround(themes);
  });
  afterAll(() => opened?.close());
  const ground = () => {
    if (opened === undefined) throw new Error("the ground is opened before the first test");
    return opened;
  };

  for (const theme of themes) declareTheme(theme, ground);
}

function declareTheme({ title, surveys, attacks }: Theme, ground: () => LanguageGround): void {
  describe(title, () => {
    for (const survey of surveys) {
      const made = surveyed(survey, ground);
      for (const { id, languages, inside, outside } of survey.answers) {
        const all = languages ?? attackLanguages.filter((language) => survey.programs[language] !== undefined);
        proves(id, all.join(", "), async () => {
          const { inside: attacked, outside: controlled } = await made();
          for (const { language, report, isolation } of attacked) {
            if (!all.includes(language)) continue;
            const expected = typeof inside === "function" ? inside(isolation) : inside;
            await inLanguage(language, () => expectAnswers(report, expected));
          }
          if (outside === undefined) return;
          for (const { language, report } of controlled) {
            if (!all.includes(language)) continue;
            await inLanguage(`control in ${language}`, () => expectAnswers(report, outside));
          }
        });
      }
    }

    for (const attack of attacks) {
      const { id, variant, programs, amount = 0, request, hints, run, during, holds, control } = attack;
      const named = { name: nameOf(attack), programs };
      const languages = attackLanguages.filter((language) => programs[language] !== undefined);
      const title = [languages.join(", "), ...(variant === undefined ? [] : [variant])].join("; ");
      proves(id, title, async () => {
        const options = { ...(run === undefined ? {} : { run }), ...(during === undefined ? {} : { during }) };
        const env = { ...request?.env, ...hints?.(ground().ground.sandboxes.isolation) };
        for (const attacked of await ground().attack(named, { amount, ...request, env, ...options })) {
          await inLanguage(attacked.language, () => holds(attacked));
        }
        if ("why" in control || !controlsRun) return;
        const { place, shows, ...rest } = control;
        for (const controlled of await ground().control(named, place, rest)) {
          await inLanguage(`control in ${controlled.language}`, () => shows(controlled));
        }
      });
    }
  });
}
