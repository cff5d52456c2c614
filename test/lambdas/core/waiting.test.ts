import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_ROUNDS, PARK_AFTER_MS } from '../../../lambdas/core/timeouts.ts';
import { clampRetryAt, decideWait } from '../../../lambdas/core/waiting.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const NOW = Date.UTC(2027, 0, 1);
const fresh = (rounds: number) => ({ rounds, startedAt: NOW });

describe('A wait', () => {
  it.each([
    [1, 5],
    [2, 7],
    [3, 9],
    [10, 54],
    [12, 60],
    [59, 60],
  ])('without word from the CA grows with the rounds: round %i waits %i seconds', (rounds, seconds) => {
    expect(decideWait(fresh(rounds), NOW)).toEqual({ kind: 'wait', seconds });
  });

  it('is never shorter than Retry-After, to the next whole second', () => {
    expect(decideWait(fresh(1), NOW, NOW + 90_001)).toEqual({ kind: 'wait', seconds: 91 });
    expect(decideWait(fresh(1), NOW, NOW + 1000)).toEqual({ kind: 'wait', seconds: 5 });
    expect(decideWait(fresh(1), NOW, NOW - DAY)).toEqual({ kind: 'wait', seconds: 5 });
  });

  it('that ends 45 minutes after the run began is still waited', () => {
    expect(decideWait(fresh(1), NOW, NOW + PARK_AFTER_MS)).toEqual({ kind: 'wait', seconds: 2700 });
  });

  it('that would carry the run past 45 minutes parks it until its end [L4]', () => {
    const until = NOW + PARK_AFTER_MS + 1;
    expect(decideWait(fresh(1), NOW, until)).toEqual({ kind: 'park', until });
    expect(decideWait({ rounds: 1, startedAt: NOW - PARK_AFTER_MS }, NOW)).toEqual({ kind: 'park', until: NOW + 5000 });
  });

  it('after 60 rounds parks the run, however young it is [L4]', () => {
    expect(decideWait(fresh(MAX_ROUNDS - 1), NOW).kind).toBe('wait');
    expect(decideWait(fresh(MAX_ROUNDS), NOW)).toEqual({ kind: 'park', until: NOW + MINUTE });
  });

  it('of more than 8 days is cut to 8 days', () => {
    expect(decideWait(fresh(1), NOW, NOW + 4000 * DAY)).toEqual({ kind: 'park', until: NOW + 8 * DAY });
    expect(decideWait(fresh(1), NOW, Number.POSITIVE_INFINITY)).toEqual({ kind: 'park', until: NOW + 8 * DAY });
  });

  it('is at least 5 seconds and whole, and a park lies in the future, whatever the progress', () => {
    const instants = fc.integer({ min: NOW - DAY, max: NOW + 30 * DAY });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 200 }), fc.nat(DAY), instants, (rounds, age, notBefore) => {
        const decision = decideWait({ rounds, startedAt: NOW - age }, NOW, notBefore);
        const until = decision.kind === 'wait' ? NOW + decision.seconds * 1000 : decision.until;
        expect(until).toBeGreaterThanOrEqual(Math.max(NOW + 5000, Math.min(notBefore, NOW + 8 * DAY)));
        if (decision.kind === 'wait') {
          expect(Number.isInteger(decision.seconds)).toBe(true);
          expect(until - (NOW - age)).toBeLessThanOrEqual(PARK_AFTER_MS + 1000);
        }
      }),
    );
  });
});

describe('A Retry-After that is stored', () => {
  it.each([
    ['stays where it is within 8 days', NOW + DAY, NOW + DAY],
    ['is cut to 8 days', NOW + 9 * DAY, NOW + 8 * DAY],
    ['that has passed is now', NOW - 1, NOW],
  ])('%s', (_what, retryAt, expected) => {
    expect(clampRetryAt(retryAt, NOW)).toBe(expected);
  });
});
