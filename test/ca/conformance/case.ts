import type { Answer } from '../support/agent.ts';
import type { Stage } from '../support/stage.ts';

/** One request, or a few, and what a CA must answer. */
export interface Case {
  /** How the table of differences calls it. */
  readonly id: string;
  /** RFC and section, then a sentence. */
  readonly title: string;
  readonly observe: (stage: Stage) => Promise<unknown>;
  /** What is observed at a CA that follows the RFC. */
  readonly expected: unknown;
}

/** Collects the cases of one subject. */
export function collect(rfc: string): { readonly cases: Case[]; readonly add: Add } {
  const cases: Case[] = [];
  const add: Add = (id, section, sentence, observe, expected) => {
    cases.push({ id, title: `${rfc} section ${section}: ${sentence}`, observe, expected });
  };
  return { cases, add };
}

type Add = (
  id: string,
  section: string,
  sentence: string,
  observe: (stage: Stage) => Promise<unknown>,
  expected: unknown,
) => void;

/** What most cases look at. */
export function seen(answer: Answer): { readonly status: number; readonly problem: string | undefined } {
  return { status: answer.status, problem: answer.problem };
}

/** A refusal, as {@link seen} shows it. */
export function refused(status: number, problem: string): { readonly status: number; readonly problem: string } {
  return { status, problem };
}

export const OK = { status: 200, problem: undefined };
export const CREATED = { status: 201, problem: undefined };
