import { MAX_ROUNDS, PARK_AFTER_MS } from './timeouts.ts';

/** A wait for somebody else is never shorter or longer than this between two rounds without progress, seconds. */
const MIN_WAIT_S = 5;
const MAX_WAIT_S = 60;
const GROWTH = 1.3;

/** Retry-After is a floor, but nobody may park a certificate for longer. Milliseconds. */
export const MAX_RETRY_AFTER_MS = 8 * 24 * 3_600_000;

/** What a step decides when it must wait: a Wait state, or parking until an instant. */
export type WaitDecision =
  | { readonly kind: 'wait'; readonly seconds: number }
  | { readonly kind: 'park'; readonly until: number };

/** Where a run stands: its rounds and when it began. */
export type RunProgress = { readonly rounds: number; readonly startedAt: number };

/** Waits at least until `notBefore`; growing with the rounds; parks where the wait would carry the run too far. */
export function decideWait(progress: RunProgress, now: number, notBefore = 0): WaitDecision {
  const grown = Math.min(MAX_WAIT_S, MIN_WAIT_S * GROWTH ** Math.max(0, progress.rounds - 1));
  const floor = Math.min(notBefore, now + MAX_RETRY_AFTER_MS);
  const until = Math.max(now + grown * 1000, floor);
  const tooLate = until - progress.startedAt > PARK_AFTER_MS || progress.rounds >= MAX_ROUNDS;
  if (tooLate) return { kind: 'park', until };
  return { kind: 'wait', seconds: Math.ceil((until - now) / 1000) };
}

/** A slot's holder is mostly done long before its lease. Milliseconds. */
const HELD_LOOK_MS = 10 * 60_000;

/** When to look again at a slot that is another's until the end of a lease; milliseconds since the epoch. */
export function lookAtHeld(heldUntil: number, now: number): number {
  return Math.min(heldUntil, now + HELD_LOOK_MS);
}

/** A Retry-After as an instant, clamped. */
export function clampRetryAt(retryAt: number, now: number): number {
  return Math.min(Math.max(retryAt, now), now + MAX_RETRY_AFTER_MS);
}
