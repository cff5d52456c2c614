import type { Validity } from './renewal.ts';

const DAY_MS = 24 * 3_600_000;
const WEEK_MS = 7 * DAY_MS;

/** Share of the lifetime that is left when people are told that nothing renews what is still served. */
const TOLD_SHARE = 1 / 6;

/** Whether the end of a retired certificate is near enough to be told. */
export function isNearEnd({ notBefore, notAfter }: Validity, now: number): boolean {
  return now >= toldFrom({ notBefore, notAfter });
}

/**
 * When to look again whether a retired target still serves its certificate: weekly, daily near its end, and never after
 * that: undefined.
 */
export function nextWatchAt(validity: Validity, now: number): number | undefined {
  if (now >= validity.notAfter) return undefined;
  const telling = toldFrom(validity);
  const next = now < telling ? Math.min(now + WEEK_MS, telling) : now + DAY_MS;
  return Math.min(Math.round(next), validity.notAfter);
}

function toldFrom({ notBefore, notAfter }: Validity): number {
  return notAfter - (notAfter - notBefore) * TOLD_SHARE;
}
