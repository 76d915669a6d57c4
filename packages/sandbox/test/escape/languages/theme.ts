import type { FinishedExecution, Isolation } from "@glovebox/protocol";
import { expect } from "vitest";
import type { ExecutionSpec, Run, RunOptions } from "../../../src/index.ts";
import type { Report } from "../../support/attack-ground.ts";
import type { RequirementId } from "../requirements.ts";

export const attackLanguages = ["bash", "javascript", "c"] as const;
export type AttackLanguage = (typeof attackLanguages)[number];

/** The attack in each language: the body of a function in C, lines of a program in the others. */
export type Programs = Partial<Record<AttackLanguage, string>>;

/**
 * How a control runs, so that it shows that the attack works and harms nobody: `contained`, as root of throwaway
 * namespaces; `ordinary`, as a user of the host who owns nothing that matters; `victim`, the same with a process of
 * that user to attack, whose number is told as VICTIM; `plain`, as whoever runs the tests, for what changes nothing.
 */
export type ControlPlace = "contained" | "ordinary" | "victim" | "plain";

/** What is told of the targets, beside the names of all targets, by name of the variable. */
export type Hints = Readonly<Record<string, string>>;

/** An answer as a literal, a pattern, or several of which one must be given. */
type Expected = string | number | RegExp | readonly (string | number)[];

/** What the trials of a requirement answer. */
interface Answer {
  readonly id: RequirementId;
  /** Languages whose program makes these trials. Default: all of the survey. */
  readonly languages?: readonly AttackLanguage[];
  readonly inside: Readonly<Record<string, Expected>> | ((isolation: Isolation) => Readonly<Record<string, Expected>>);
  /** The same trials without walls. */
  readonly outside?: Readonly<Record<string, Expected>>;
}

/** Many trials that harm nobody in one program of each language. */
export interface Survey {
  readonly name: string;
  readonly programs: Programs;
  readonly control: ControlPlace;
  /** Hints for the control where it has other targets than the sandbox. */
  readonly hints?: { readonly inside?: Hints; readonly outside?: Hints };
  readonly answers: readonly Answer[];
}

export interface Attacked {
  readonly language: AttackLanguage;
  readonly execution: FinishedExecution;
  readonly report: Report;
  readonly isolation: Isolation;
}

export interface Controlled {
  readonly language: AttackLanguage;
  readonly report: Report;
  readonly stdout: string;
  readonly code: number;
  readonly signal: string | null;
  /** Whether the process that was there to be attacked has ended, where that was waited for. */
  readonly victimEnded: boolean;
}

/** One attack that needs a sandbox of its own, in several languages at the same time. */
export interface Attack {
  readonly id: RequirementId;
  readonly variant?: string;
  readonly programs: Programs;
  /** How much is to be taken: the first argument of the programs. */
  readonly amount?: number;
  readonly request?: Pick<ExecutionSpec, "limits" | "files" | "env" | "sampleIntervalMs">;
  /** What the programs in the sandbox are told besides, where that depends on who keeps the limits. */
  readonly hints?: (isolation: Isolation) => Hints;
  readonly run?: RunOptions;
  readonly during?: (run: Run) => void;
  readonly holds: (attacked: Attacked) => void | Promise<void>;
  /** Left out where another attack of the theme has one with the same primitive, which `why` says. */
  readonly control:
    | {
        readonly place: ControlPlace;
        /** The victim is to be killed, and its end is waited for. */
        readonly kills?: true;
        readonly amount?: number;
        readonly hints?: Hints;
        readonly shows: (controlled: Controlled) => void | Promise<void>;
      }
    | { readonly why: string };
}

export interface Theme {
  readonly title: string;
  readonly surveys: readonly Survey[];
  readonly attacks: readonly Attack[];
}

function agrees(actual: unknown, expected: Expected): boolean {
  if (Array.isArray(expected)) return expected.includes(actual);
  return expected instanceof RegExp ? expected.test(String(actual)) : actual === expected;
}

/** Fails with every trial of a program whose answer is another than expected. */
export function expectAnswers(actual: Report, expected: Readonly<Record<string, Expected>>): void {
  const names = Object.keys(expected).filter((name) => !agrees(actual[name], expected[name] ?? ""));
  const shown = (name: string) => (expected[name] instanceof RegExp ? String(expected[name]) : expected[name]);
  expect(Object.fromEntries(names.map((name) => [name, actual[name]]))).toEqual(
    Object.fromEntries(names.map((name) => [name, shown(name)])),
  );
}

/** The same answer for many trials. */
export function all<T extends Expected>(names: readonly string[], answer: T): Record<string, T> {
  return Object.fromEntries(names.map((name) => [name, answer]));
}

/** The requirements that a theme proves, with the languages in which it does. */
export function proofs({ surveys, attacks }: Theme): { id: RequirementId; languages: readonly AttackLanguage[] }[] {
  const languagesOf = (programs: Programs) => attackLanguages.filter((language) => programs[language] !== undefined);
  return [
    ...surveys.flatMap(({ answers, programs }) =>
      answers.map(({ id, languages }) => ({ id, languages: languages ?? languagesOf(programs) })),
    ),
    ...attacks.map(({ id, programs }) => ({ id, languages: languagesOf(programs) })),
  ];
}

const refusals = ["EROFS", "EACCES", "EPERM", "EBUSY", "EXDEV", "EBADF"];

/** Fails with every trial that was not refused. */
export function expectRefusals(actual: Report, names: readonly string[]): void {
  expectAnswers(actual, all(names, refusals));
}
