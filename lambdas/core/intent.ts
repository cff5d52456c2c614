import type { Intent } from './rows.ts';

/** How long after `sendBefore` an answerless request may still be on its way to the CA, milliseconds. */
export const INTENT_GRACE_MS = 10_000;

/** Sends of one kind for one order in one run; after that it is the CA's side, and the ladder decides. */
export const MAX_SENDS = 3;

/** How long before the Lambda's deadline a request is aborted, milliseconds. */
const ABORT_MARGIN_MS = 5_000;

/** No CA needs longer for one answer; a shorter request is a shorter doubt. Milliseconds. */
const REQUEST_MS = 30_000;

/** What an intent is written from: the run that sends, and the end of its invocation. */
export type Sender = { readonly startSeq: number; readonly now: number; readonly deadline: number };

/** The next intent after `earlier`, for a request that this invocation sends now. */
export function nextIntent(earlier: Intent | undefined, { startSeq, now, deadline }: Sender): Intent {
  const count = sendsOf(earlier, startSeq) + 1;
  return { sendBefore: Math.min(deadline - ABORT_MARGIN_MS, now + REQUEST_MS), count, startSeq };
}

/** How often the run has sent this request; another run's sends are settled by its reads. */
export function sendsOf(intent: Intent | undefined, startSeq: number): number {
  return intent?.startSeq === startSeq ? intent.count : 0;
}

/** When the outcome of an intent can be judged by a read. */
export function intentClosesAt(intent: Intent): number {
  return intent.sendBefore + INTENT_GRACE_MS;
}
