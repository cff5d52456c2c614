import { nextTryAt } from './ladder.ts';
import type { RetryPolicy } from './retry-policy.ts';
import type { DueFields, RecordedFailure } from './rows.ts';
import { clampRetryAt } from './waiting.ts';

type Failing = DueFields & { readonly failure?: RecordedFailure };

/** What a row has that waits for the try after its last failure. */
export type Waiting = { readonly failure: RecordedFailure; readonly dueAt: number };

/** A row whose last run failed, which waits for its next try and for nothing else. */
export function waitsAfterFailure<Row extends Failing>(row: Row, now: number): row is Row & Waiting {
  const { failure, failedSeq, startSeq, dueAt, runUntil } = row;
  const isInFlight = runUntil !== undefined && runUntil > now;
  return failure !== undefined && failedSeq === startSeq && dueAt !== undefined && dueAt > now && !isInFlight;
}

/**
 * When a failing row is tried again under a retry policy that was declared after its failure, which counts as the first under
 * it; milliseconds since the epoch, never in the past. Undefined where the row does not {@link waitsAfterFailure wait} for that.
 * What a CA asked for stays a floor, and what waits for a person is still tried once a day.
 */
export function nextTryUnder(policy: RetryPolicy, row: Failing, now: number): number | undefined {
  if (!waitsAfterFailure(row, now)) return undefined;
  const { failure, dueAt } = row;
  const asked = failure.retryAt === undefined ? 0 : clampRetryAt(failure.retryAt, failure.at);
  // Where the row is due before that, another CA has its turn.
  const retryAt = asked <= dueAt ? asked : 0;
  const patient = failure.class === 'person' && failure.ca !== undefined;
  // The failures were spread, and so are the tries that are counted from them.
  const next = nextTryAt({ tries: 1, retryAt, patient }, policy, row, failure.at, () => 0);
  return Math.max(now, next);
}
