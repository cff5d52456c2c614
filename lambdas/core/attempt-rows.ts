import type { FailureClass } from './failure.ts';
import type { RemoteKind, Transition } from './order-status.ts';
import type { AcmeRequest, Problem } from './problem.ts';
import type { RoleName, RowKey } from './rows.ts';
import { certificateKey } from './rows.ts';

/** Where and when something happened: the claim whose run it was, and its step. `at`: milliseconds since the epoch. */
export type AttemptPlace = { readonly at: number; readonly run: number; readonly step: string };

/** One thing that happened in an attempt. Holds no key, token or signature. */
export type AttemptEvent =
  /** A status as the CA showed it. */
  | {
      readonly kind: 'seen';
      readonly of: RemoteKind;
      /** URL of what was looked at. */
      readonly name: string;
      readonly from?: string;
      readonly to: string;
      readonly transition: Transition;
      readonly request: AcmeRequest;
      readonly requestId?: string;
    }
  /** A request that was no success; `status` 0 where there was no answer. */
  | {
      readonly kind: 'refused';
      readonly request: AcmeRequest;
      readonly status: number;
      readonly problem?: Problem;
      readonly requestId?: string;
      readonly retryAt?: number;
    }
  /** What a step ended in. */
  | {
      readonly kind: 'failed';
      readonly class: FailureClass;
      readonly code: string;
      readonly message: string;
      readonly retryAt?: number;
    }
  /** What is no failure and may become one. */
  | { readonly kind: 'noticed'; readonly code: string; readonly message: string }
  /** A certificate that was downloaded. */
  | {
      readonly kind: 'certificate';
      readonly version: string;
      readonly state: 'stored' | 'quarantined';
      readonly reason?: string;
    };

export type AttemptEntry = AttemptPlace & AttemptEvent;

/** How an attempt stands, as far as its last run has told. */
export type AttemptOutcome = 'running' | 'parked' | 'held' | 'superseded' | 'issued' | 'failed';

/**
 * The history of one try to get a certificate: the runs that worked on one order, or one run that got none. For people only:
 * nothing is decided from it, and DynamoDB deletes it at `ttl`.
 */
export type AttemptRow = RowKey & {
  readonly schema: number;
  readonly certificate: string;
  readonly role: RoleName;
  /** ULID: attempts sort by their beginning. */
  readonly attempt: string;
  readonly startedAt: number;
  readonly lastAt: number;
  readonly outcome: AttemptOutcome;
  /** ARN of the execution that wrote last. */
  readonly execution: string;
  readonly entries: readonly AttemptEntry[];
  /** How many entries there are, and how many did not fit any more. */
  readonly held: number;
  readonly dropped?: number;
  /** Seconds since the epoch. */
  readonly ttl: number;
};

/** Begins the sort keys of attempts. */
export const ATTEMPT_PREFIX = 'ATTEMPT#';

export const attemptKey = (certificate: string, attempt: string): RowKey => ({
  pk: certificateKey(certificate).pk,
  sk: `${ATTEMPT_PREFIX}${attempt}`,
});

/** How long an attempt is kept: a year and a bit, so that a year can be compared with the one before. Milliseconds. */
export const ATTEMPT_LIFE_MS = 400 * 24 * 3_600_000;

/** Entries of one batch, and entries after which a row takes no more: 400 kB is the most that DynamoDB stores in one item. */
export const MOST_IN_BATCH = 40;
export const MOST_ENTRIES = 100;

/** Characters of a detail; a 403 is kept in full as far as a row can hold it. */
const DETAIL = 300;
const DETAIL_403 = 1_500;
const MOST_SUBPROBLEMS = 10;

/** An event cut to the size that a row can hold many of. */
export function bounded(event: AttemptEvent): AttemptEvent {
  if (event.kind === 'refused' && event.problem !== undefined)
    return { ...event, problem: boundedProblem(event.problem, event.status === 403 ? DETAIL_403 : DETAIL) };
  if (event.kind === 'failed' || event.kind === 'noticed') return { ...event, message: cut(event.message, DETAIL_403) };
  if (event.kind === 'seen') return { ...event, name: cut(event.name, DETAIL), to: cut(event.to, DETAIL) };
  return event;
}

function boundedProblem({ type, detail, subproblems }: Problem, most: number): Problem {
  return {
    type: cut(type, DETAIL),
    detail: cut(detail, most),
    subproblems: subproblems.slice(0, MOST_SUBPROBLEMS).map((sub) => ({ ...sub, detail: cut(sub.detail, DETAIL) })),
  };
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
