import type { Authorization, Challenge, Order } from './model.ts';
import type { Settings } from './options.ts';

export type ChallengeStatus = 'pending' | 'processing' | 'valid' | 'invalid';
export type AuthorizationStatus = 'pending' | 'valid' | 'invalid' | 'deactivated' | 'expired' | 'revoked';
export type OrderStatus = 'pending' | 'ready' | 'processing' | 'valid' | 'invalid';

// Statuses are functions of what happened and of the time, worked out at each read (RFC 8555 section 7.1.6):
// no timer has to fire for a validation to end or an order to expire, so a virtual clock drives everything.

export function challengeStatus(challenge: Challenge, now: number): ChallengeStatus {
  if (challenge.answeredAt === undefined) return 'pending';
  const { outcome } = challenge;
  if (!outcome || now < outcome.at) return 'processing';
  return outcome.problem ? 'invalid' : 'valid';
}

/** The challenge that decided the authorization. */
export function decidingChallenge(authorization: Authorization, now: number): Challenge | undefined {
  const done = authorization.challenges.filter((each) => ['valid', 'invalid'].includes(challengeStatus(each, now)));
  return done.find((each) => challengeStatus(each, now) === 'valid') ?? done[0];
}

/** When the authorization stops to count, given what is known now. */
export function authorizationExpiry(authorization: Authorization, now: number): number {
  const decided = decidingChallenge(authorization, now)?.outcome;
  return decided && !decided.problem ? decided.at + authorization.validForMs : authorization.pendingUntil;
}

export function authorizationStatus(authorization: Authorization, now: number): AuthorizationStatus {
  if (authorization.ended) return authorization.ended;
  const decided = decidingChallenge(authorization, now)?.outcome;
  if (decided?.problem) return 'invalid';
  if (now >= authorizationExpiry(authorization, now)) return decided ? 'expired' : 'invalid';
  return decided ? 'valid' : 'pending';
}

function issuedStatus(order: Order, now: number): OrderStatus | undefined {
  if (!order.certificate) return undefined;
  return now < order.certificate.availableAt ? 'processing' : 'valid';
}

function openStatus(order: Order, now: number): OrderStatus {
  const statuses = order.authorizations.map((each) => authorizationStatus(each, now));
  if (now >= order.expiresAt) return 'invalid';
  if (statuses.some((each) => each !== 'pending' && each !== 'valid')) return 'invalid';
  if (statuses.includes('pending')) return 'pending';
  return issuedStatus(order, now) ?? (order.processingSince === undefined ? 'ready' : 'processing');
}

/**
 * The order's status. By RFC 8555 section 7.1.6 `valid` is final; with the habit `statusAtRead` expiry and authorizations
 * come first, as Boulder has it, and a `valid` order can turn `invalid`.
 */
export function orderStatus(settings: Settings, order: Order, now: number): OrderStatus {
  if (order.error) return 'invalid';
  if (settings.habits.statusAtRead) return openStatus(order, now);
  return issuedStatus(order, now) ?? openStatus(order, now);
}
