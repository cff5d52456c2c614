import { describe, expect, it } from 'vitest';
import { levelAt, sharesFor } from '../../../lambdas/core/at-risk.ts';
import { renewAtOf } from '../../../lambdas/core/renewal.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const levelLeft = (lifeMs: number, leftMs: number, remainingShare?: number) =>
  levelAt(
    { notBefore: 0, notAfter: lifeMs },
    sharesFor(remainingShare === undefined ? {} : { remainingShare }),
    lifeMs - leftMs,
  );

describe('How close an end is', () => {
  it.each([
    [90 * DAY, 15.1 * DAY, undefined],
    [90 * DAY, 14.9 * DAY, 'at-risk'],
    [90 * DAY, 4.4 * DAY, 'urgent'],
    [90 * DAY, 0, 'expired'],
    [47 * DAY, 7.9 * DAY, undefined],
    [47 * DAY, 7.8 * DAY, 'at-risk'],
    [160 * HOUR, 40 * HOUR, undefined],
    [160 * HOUR, 26 * HOUR, 'at-risk'],
    [160 * HOUR, 8 * HOUR, 'urgent'],
  ])('of a life of %d ms, with %d ms left, is %s', (life, left, level) => {
    expect(levelLeft(life, left)).toBe(level);
  });

  it('is told a day ahead of a certificate that lives six days, although a sixth of that is less', () => {
    expect(levelLeft(6 * DAY, 24 * HOUR)).toBe('at-risk');
    expect(levelLeft(6 * DAY, 37 * HOUR)).toBeUndefined();
  });

  it.each([0.1, 0.2, 0.33, 0.9])('is never told before a renewal in time that begins at %d of the life', (share) => {
    for (const life of [6 * HOUR, 6 * DAY, 47 * DAY, 90 * DAY, 398 * DAY]) {
      const renewal = renewAtOf({ notBefore: 0, notAfter: life }, { remainingShare: share }, () => 0);
      expect(levelLeft(life, life - renewal, share)).toBeUndefined();
    }
  });

  it('is never told before a renewal by the default rule', () => {
    for (const life of [6 * HOUR, 6 * DAY, 9.9 * DAY, 10 * DAY, 47 * DAY, 398 * DAY]) {
      const renewal = renewAtOf({ notBefore: 0, notAfter: life }, {}, () => 0);
      expect(levelLeft(life, life - renewal)).toBeUndefined();
    }
  });
});
