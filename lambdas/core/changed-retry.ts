import type { RetryPolicy } from './declaration.ts';
import { nextTryAt } from './ladder.ts';
import type { DueFields, RecordedFailure } from './rows.ts';
import { clampRetryAt } from './waiting.ts';

type Failing = DueFields & { readonly failure?: RecordedFailure };

/**
 * When a failing row is tried again under a retry policy that was declared after its failure, which counts as the first under
 * it; milliseconds since the epoch, never in the past. Undefined where the row is due already or waits for something other than
 * its last failure. What a CA asked for stays a floor, and what waits for a person is still tried once a day.
 */
export function nextTryUnder(policy: RetryPolicy, row: Failing, now: number): number | undefined {
  const { failure, failedSeq, startSeq, dueAt } = row;
  if (failure === undefined || failedSeq !== startSeq || dueAt === undefined || dueAt <= now) return undefined;
  const asked = failure.retryAt === undefined ? 0 : clampRetryAt(failure.retryAt, failure.at);
  // Where the row is due before that, another CA has its turn.
  const retryAt = asked <= dueAt ? asked : 0;
  const patient = failure.class === 'person' && failure.ca !== undefined;
  // The failures were spread, and so are the tries that are counted from them.
  const next = nextTryAt({ tries: 1, retryAt, patient }, policy, row, failure.at, () => 0);
  return Math.max(now, next);
}
