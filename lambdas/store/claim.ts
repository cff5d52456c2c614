import { sha256Hex } from '../core/declaration.ts';
import { claimDueAt } from '../core/ladder.ts';
import { DEFAULT_RETRY } from '../core/retry-policy.ts';
import type { DueFields, RowKey } from '../core/rows.ts';
import { RUN_MS } from '../core/timeouts.ts';
import { all, atMost, equals } from './condition.ts';
import { noRunInFlight } from './run-end.ts';
import type { Table } from './table.ts';
import { updateItem } from './table.ts';

/** A row won for one run. */
export type Claim = {
  readonly key: RowKey;
  readonly startSeq: number;
  readonly runUntil: number;
  readonly triesBefore: number;
};

/** Milliseconds after which a row whose start was refused is due again. */
const REFUSED_START_MS = 60_000;

/** What a claim needs besides the row. */
export type ClaimTerms = {
  readonly now: number;
  readonly random: () => number;
  readonly forced?: boolean;
};

/**
 * Wins the row for one run, in one conditional write: `startSeq` as read, no run in flight, and due or forced. Undefined
 * when another claim came first. Its fallback `dueAt` brings the row back if the run leaves no trace.
 */
export async function claimRow(table: Table, row: RowKey & DueFields, terms: ClaimTerms): Promise<Claim | undefined> {
  const { now, random, forced = false } = terms;
  const startSeq = Math.max(now, row.startSeq + 1);
  const runUntil = now + RUN_MS;
  const tries = row.tries + 1;
  const notStartedSince = all(equals('startSeq', row.startSeq), equals('tries', row.tries));
  const dueOrForced = forced ? notStartedSince : atMost('dueAt', now);
  const changes = {
    startSeq,
    tries,
    runUntil,
    // What a person has asked for holds until a run has succeeded.
    forced: forced || row.forced === true ? true : undefined,
    dueAt: Math.round(claimDueAt({ tries, runUntil }, row.retry ?? DEFAULT_RETRY, row, now, random)),
  };
  const won = await updateItem(table, row, changes, all(notStartedSince, noRunInFlight(now), dueOrForced));
  return won === undefined
    ? undefined
    : { key: { pk: row.pk, sk: row.sk }, startSeq, runUntil, triesBefore: row.tries };
}

/** Gives a claim back whose execution could not be started; the row is due in a minute. */
export async function undoClaim(table: Table, claim: Claim, now: number): Promise<void> {
  const changes = { runUntil: undefined, tries: claim.triesBefore, dueAt: now + REFUSED_START_MS };
  await updateItem(
    table,
    claim.key,
    changes,
    all(equals('startSeq', claim.startSeq), equals('runUntil', claim.runUntil)),
  );
}

/** The name of a claim's execution: a doubled start finds the first one (Step Functions keeps names for 90 days). */
export function executionNameOf(key: RowKey, startSeq: number): string {
  return `${startSeq}-${sha256Hex(JSON.stringify([key.pk, key.sk, startSeq])).slice(0, 40)}`;
}
