import type { RenewalPolicy } from './declaration.ts';
import type { Validity } from './renewal.ts';

const HOUR_MS = 3_600_000;

/** How close an end is: renewal is late, people must look today, it has happened. */
export const LEVELS = ['at-risk', 'urgent', 'expired'] as const;
export type Level = (typeof LEVELS)[number];

/** Shares of the lifetime that are left when each level begins. */
export type AtRiskShares = Readonly<Record<Exclude<Level, 'expired'>, number>>;

const SHARES: AtRiskShares = { 'at-risk': 1 / 6, urgent: 1 / 20 };

/**
 * A day is what a person needs, however short a certificate lives; but it stretches a share by half at most, so that a renewal
 * in time is never late. Milliseconds.
 */
const FLOORS: Readonly<Record<keyof AtRiskShares, number>> = { 'at-risk': 24 * HOUR_MS, urgent: 8 * HOUR_MS };
const STRETCH = 1.5;

/** The thresholds of a certificate: those that renew later than by default are at risk later, too. */
export function sharesFor({ remainingShare = 1 }: RenewalPolicy): AtRiskShares {
  return {
    'at-risk': Math.min(SHARES['at-risk'], remainingShare / 2),
    urgent: Math.min(SHARES.urgent, remainingShare / 4),
  };
}

/** The level at `now`; undefined where there is time enough. */
export function levelAt({ notBefore, notAfter }: Validity, shares: AtRiskShares, now: number): Level | undefined {
  const left = notAfter - now;
  if (left <= 0) return 'expired';
  const life = notAfter - notBefore;
  const begins = (level: keyof AtRiskShares): number => {
    const share = life * shares[level];
    return Math.max(share, Math.min(FLOORS[level], STRETCH * share));
  };
  if (left <= begins('urgent')) return 'urgent';
  return left <= begins('at-risk') ? 'at-risk' : undefined;
}

/** Whether `level` is closer to the end than `before`. */
export function isCloser(level: Level, before: Level | undefined): boolean {
  return LEVELS.indexOf(level) > (before === undefined ? -1 : LEVELS.indexOf(before));
}
