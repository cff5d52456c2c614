import type { RetryPolicy } from './retry-policy.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** What a row keeps alive; absent fields mean that nothing is served yet. */
export type Urgency = { readonly endsAt?: number | undefined; readonly lifeMs?: number | undefined };

/** Emergency: a twentieth of the lifetime, or less, is left. */
export function isEmergency(urgency: Urgency, now: number): boolean {
  return now >= emergencyAt(urgency);
}

/** When the emergency begins; never where nothing is served. */
export function emergencyAt({ endsAt, lifeMs }: Urgency): number {
  return endsAt === undefined || lifeMs === undefined ? Number.POSITIVE_INFINITY : endsAt - lifeMs / 20;
}

/**
 * The delay before try number `tries` + 1, in milliseconds: the fast part first (1, 10, 100 minutes by default), then a day,
 * shorter the less remains, hourly once expired. Always a lower bound; no number of failures ends it.
 */
export function ladderDelayMs(
  tries: number,
  policy: RetryPolicy,
  urgency: Urgency,
  now: number,
  random: () => number,
): number {
  const step = tries <= policy.fastAttempts ? fastStepMs(tries, policy) : dailyStepMs(urgency, now);
  return Math.round(step * (1 + policy.jitter * random()));
}

function fastStepMs(tries: number, policy: RetryPolicy): number {
  const seconds = policy.baseSeconds * policy.factor ** Math.max(0, tries - 1);
  return Math.min(seconds, policy.ceilingSeconds) * 1000;
}

function dailyStepMs({ endsAt }: Urgency, now: number): number {
  if (endsAt === undefined) return DAY_MS;
  if (endsAt <= now) return HOUR_MS;
  return Math.min(DAY_MS, Math.max(HOUR_MS, (endsAt - now) / 10));
}

/** What is known of a failure when the next try is reckoned. */
export type FailedTry = {
  /** Claims since the last success. */
  readonly tries: number;
  /** Retry-After, milliseconds since the epoch. */
  readonly retryAt?: number | undefined;
  /** Only a person can mend it, and each try costs the CA a refusal: a day at a time from the first failure on. */
  readonly patient?: boolean;
};

/**
 * When to try again after a failure. Precedence: Retry-After of the CA, then the emergency (hourly), then the ladder.
 */
export function nextTryAt(
  failure: FailedTry,
  policy: RetryPolicy,
  urgency: Urgency,
  now: number,
  random: () => number,
): number {
  const tries = failure.patient === true ? Number.POSITIVE_INFINITY : failure.tries;
  const ladder = now + ladderDelayMs(tries, policy, urgency, now, random);
  const floor = failure.retryAt ?? 0;
  return Math.max(floor, Math.min(ladder, nextEmergencyTry(urgency, now)));
}

/** The next hourly try of the emergency, or infinity where nothing is served. */
function nextEmergencyTry(urgency: Urgency, now: number): number {
  return Math.max(emergencyAt(urgency), now + HOUR_MS);
}

/** When a claimed row is due again if its run leaves no trace at all. */
export function claimDueAt(
  claim: { readonly tries: number; readonly runUntil: number },
  policy: RetryPolicy,
  urgency: Urgency,
  now: number,
  random: () => number,
): number {
  return Math.max(claim.runUntil, nextTryAt({ tries: claim.tries }, policy, urgency, now, random));
}
