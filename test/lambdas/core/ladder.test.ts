import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Urgency } from '../../../lambdas/core/ladder.ts';
import { claimDueAt, isEmergency, ladderDelayMs, nextTryAt } from '../../../lambdas/core/ladder.ts';
import type { RetryPolicy } from '../../../lambdas/core/retry-policy.ts';
import { DEFAULT_RETRY } from '../../../lambdas/core/retry-policy.ts';
import { RUN_MS } from '../../../lambdas/core/timeouts.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2027, 0, 1);
const NOTHING: Urgency = {};
const least = () => 0;
const most = () => 1 - Number.EPSILON;

/** A certificate of 90 days with so much of its life left. */
const ending = (leftMs: number): Urgency => ({ endsAt: NOW + leftMs, lifeMs: 90 * DAY });

describe('The delay before the next try', () => {
  it.each([
    [1, MINUTE],
    [2, 10 * MINUTE],
    [3, 100 * MINUTE],
    [4, DAY],
    [40, DAY],
    [4000, DAY],
  ])('is, after %i tries and with nothing served, %i ms', (tries, ms) => {
    expect(ladderDelayMs(tries, DEFAULT_RETRY, NOTHING, NOW, least)).toBe(ms);
  });

  it.each([
    ['a day while a tenth of what remains is longer', ending(60 * DAY), DAY],
    ['a tenth of what remains below ten days', ending(5 * DAY), DAY / 2],
    ['an hour below ten hours', ending(3 * HOUR), HOUR],
    ['an hour once it has expired', ending(-DAY), HOUR],
    ['an hour at the instant of expiry', ending(0), HOUR],
  ])('is, after the fast part, %s', (_what, urgency, ms) => {
    expect(ladderDelayMs(9, DEFAULT_RETRY, urgency, NOW, least)).toBe(ms);
  });

  it('is lengthened by at most the share of jitter, never shortened', () => {
    expect(ladderDelayMs(1, DEFAULT_RETRY, NOTHING, NOW, most)).toBe(66_000);
    expect(ladderDelayMs(9, DEFAULT_RETRY, NOTHING, NOW, most)).toBe(26.4 * HOUR);
    expect(ladderDelayMs(1, { ...DEFAULT_RETRY, jitter: 0 }, NOTHING, NOW, most)).toBe(MINUTE);
  });

  it('follows the configured base, factor, ceiling and number of fast tries', () => {
    const policy = { baseSeconds: 30, factor: 2, ceilingSeconds: 100, jitter: 0, fastAttempts: 4 };
    const delays = [1, 2, 3, 4, 5].map((tries) => ladderDelayMs(tries, policy, NOTHING, NOW, least));
    expect(delays).toEqual([30_000, 60_000, 100_000, 100_000, DAY]);
  });

  it('is that of the first try where a parked run has given all tries back', () => {
    expect(ladderDelayMs(0, DEFAULT_RETRY, NOTHING, NOW, least)).toBe(MINUTE);
  });
});

describe('An emergency', () => {
  it.each([
    ['begins when a twentieth of the lifetime is left', ending(4.5 * DAY), true],
    ['has not begun a millisecond before', ending(4.5 * DAY + 1), false],
    ['does not end with expiry', ending(-300 * DAY), true],
    ['is none where nothing is served', NOTHING, false],
    [
      'begins after 8 hours from the end of a 160-hour certificate',
      { endsAt: NOW + 8 * HOUR, lifeMs: 160 * HOUR },
      true,
    ],
    ['has not begun 9 hours before the end of one', { endsAt: NOW + 9 * HOUR, lifeMs: 160 * HOUR }, false],
  ])('%s', (_what, urgency, expected) => {
    expect(isEmergency(urgency, NOW)).toBe(expected);
  });
});

describe('The next try after a failure', () => {
  it.each([
    ['is by the ladder in calm times', { tries: 4 }, ending(60 * DAY), DAY],
    ['is not before Retry-After', { tries: 1, retryAt: NOW + 3 * HOUR }, ending(60 * DAY), 3 * HOUR],
    [
      'is by the ladder where Retry-After is sooner',
      { tries: 3, retryAt: NOW + MINUTE },
      ending(60 * DAY),
      100 * MINUTE,
    ],
    ['is within the hour in an emergency', { tries: 3 }, ending(DAY), HOUR],
    ['keeps the fast part in an emergency', { tries: 1 }, ending(DAY), MINUTE],
    ['is not before Retry-After even in an emergency', { tries: 9, retryAt: NOW + 5 * HOUR }, ending(DAY), 5 * HOUR],
    [
      'is at the beginning of the emergency where the ladder would pass it',
      { tries: 3 },
      ending(4.5 * DAY + 90 * MINUTE),
      90 * MINUTE,
    ],
  ])('%s', (_what, failure, urgency, ms) => {
    expect(nextTryAt(failure, DEFAULT_RETRY, urgency, NOW, least) - NOW).toBe(ms);
  });
});

describe('A claimed row', () => {
  const runUntil = NOW + RUN_MS;

  it.each([
    ['when its run must be over, while the ladder is shorter', 1, ending(60 * DAY), RUN_MS],
    ['by the ladder, where that is longer', 4, ending(60 * DAY), DAY],
    ['in an emergency as soon as its run must be over', 9, ending(DAY), RUN_MS],
    ['where nothing is served, by the ladder', 9, NOTHING, DAY],
  ])('comes back by itself %s', (_what, tries, urgency, ms) => {
    expect(claimDueAt({ tries, runUntil }, DEFAULT_RETRY, urgency, NOW, least) - NOW).toBe(ms);
  });
});

const anyPolicy: fc.Arbitrary<RetryPolicy> = fc.record({
  baseSeconds: fc.integer({ min: 1, max: 3600 }),
  factor: fc.integer({ min: 1, max: 20 }),
  ceilingSeconds: fc.integer({ min: 1, max: 86_400 }),
  jitter: fc.double({ min: 0, max: 1, noNaN: true }),
  fastAttempts: fc.integer({ min: 0, max: 20 }),
});
const anyUrgency: fc.Arbitrary<Urgency> = fc.oneof(
  fc.constant(NOTHING),
  fc.record({
    endsAt: fc.integer({ min: NOW - 400 * DAY, max: NOW + 400 * DAY }),
    lifeMs: fc.integer({ min: HOUR, max: 400 * DAY }),
  }),
);
const anyTries = fc.integer({ min: 0, max: 100_000 });
const anyChance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const anyRetryAt = fc.option(fc.integer({ min: NOW - DAY, max: NOW + 8 * DAY }), { nil: undefined });

describe('For every policy, urgency and number of tries', () => {
  it('the next try lies in the future, and no number of failures ends the trying', () => {
    fc.assert(
      fc.property(anyPolicy, anyUrgency, anyTries, anyChance, (policy, urgency, tries, chance) => {
        const delay = nextTryAt({ tries }, policy, urgency, NOW, () => chance) - NOW;
        expect(delay).toBeGreaterThan(0);
        expect(delay).toBeLessThanOrEqual(2 * DAY);
      }),
    );
  });

  it('a slow step is at most a day and its jitter', () => {
    fc.assert(
      fc.property(anyPolicy, anyUrgency, anyChance, (policy, urgency, chance) => {
        const delay = ladderDelayMs(policy.fastAttempts + 1, policy, urgency, NOW, () => chance);
        expect(delay).toBeLessThanOrEqual(DAY * (1 + policy.jitter) + 1);
        expect(delay).toBeGreaterThanOrEqual(HOUR);
      }),
    );
  });

  it('the next try is never later than what the policy, the slow step and Retry-After promise', () => {
    fc.assert(
      fc.property(anyPolicy, anyUrgency, anyTries, anyRetryAt, anyChance, fc.boolean(), (...drawn) => {
        const [policy, urgency, tries, retryAt, chance, patient] = drawn;
        const at = nextTryAt({ tries, retryAt, patient }, policy, urgency, NOW, () => chance);
        const slowest = Math.max(DAY, policy.ceilingSeconds * 1000) * (1 + policy.jitter);
        expect(at).toBeLessThanOrEqual(Math.max(retryAt ?? 0, NOW + slowest + 1));
        if (!isEmergency(urgency, NOW)) return;
        expect(at).toBeLessThanOrEqual(Math.max(retryAt ?? 0, NOW + HOUR));
      }),
    );
  });

  it('what only a person can mend is tried a day at a time, hourly in an emergency, whatever the fast part', () => {
    fc.assert(
      fc.property(anyPolicy, anyUrgency, anyTries, anyChance, (policy, urgency, tries, chance) => {
        const delay = nextTryAt({ tries, patient: true }, policy, urgency, NOW, () => chance) - NOW;
        const slow = nextTryAt({ tries: policy.fastAttempts + 1 }, policy, urgency, NOW, () => chance) - NOW;
        expect(delay).toBe(slow);
        expect(delay).toBeGreaterThanOrEqual(Math.min(HOUR, slow));
      }),
    );
  });

  it('Retry-After is a floor and brings nothing forward', () => {
    fc.assert(
      fc.property(anyPolicy, anyUrgency, anyTries, anyRetryAt, (policy, urgency, tries, retryAt) => {
        const without = nextTryAt({ tries }, policy, urgency, NOW, least);
        const at = nextTryAt({ tries, retryAt }, policy, urgency, NOW, least);
        expect(at).toBe(Math.max(without, retryAt ?? 0));
      }),
    );
  });

  it('less life left never means a later try', () => {
    fc.assert(
      fc.property(
        anyPolicy,
        anyTries,
        fc.integer({ min: -DAY, max: 90 * DAY }),
        fc.nat(90 * DAY),
        (policy, tries, left, more) => {
          const soon = nextTryAt({ tries }, policy, ending(left), NOW, least);
          const late = nextTryAt({ tries }, policy, ending(left + more), NOW, least);
          expect(soon).toBeLessThanOrEqual(late);
        },
      ),
    );
  });

  it('a claimed row is not due before its run must be over', () => {
    fc.assert(
      fc.property(anyPolicy, anyUrgency, anyTries, anyChance, (policy, urgency, tries, chance) => {
        const runUntil = NOW + RUN_MS;
        expect(claimDueAt({ tries, runUntil }, policy, urgency, NOW, () => chance)).toBeGreaterThanOrEqual(runUntil);
      }),
    );
  });
});
