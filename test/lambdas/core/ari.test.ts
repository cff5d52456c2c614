import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawInstant, isAriRenewal, isSane, parseRenewalInfo } from '../../../lambdas/core/ari.ts';
import { learn, suggestionOf } from '../../../lambdas/core/ari-answer.ts';
import type { AriRow } from '../../../lambdas/core/ari-rows.ts';
import { ariKey } from '../../../lambdas/core/ari-rows.ts';
import { askAgainAfter, askAgainAt, isPassing } from '../../../lambdas/core/ari-schedule.ts';
import { renewalInstant } from '../../../lambdas/core/renewal.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2027, 0, 1);

const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const windows = fc
  .tuple(fc.integer({ min: 0, max: 4e12 }), fc.integer({ min: 1, max: 1e11 }))
  .map(([start, length]) => ({ start, end: start + length }));

function row(changes: Partial<AriRow> = {}): AriRow {
  const due = { kind: 'ari', dueShard: 'ari', dueAt: NOW, revision: 0 } as const;
  return { ...ariKey('site'), ...due, schema: 1, certificate: 'site', role: 'current', version: 'v', ...changes };
}

const told = (window: { start: number; end: number }) => ({ kind: 'told', info: { window } }) as const;

describe('A RenewalInfo object', () => {
  it('is read with offsets, fractions and a reason', () => {
    const suggestedWindow = { start: '2027-01-02T04:00:00+02:00', end: '2027-01-03t00:00:00.5z' };
    expect(parseRenewalInfo({ suggestedWindow, explanationURL: 'https://ca.test/why', more: 1 })).toEqual({
      window: { start: Date.UTC(2027, 0, 2, 2), end: Date.UTC(2027, 0, 3) + 500 },
      explanationUrl: 'https://ca.test/why',
    });
  });

  it.each([['javascript:alert(1)'], ['no url'], [`https://ca.test/${'x'.repeat(600)}`], [7]])(
    'is used without the reason %s',
    (explanationURL) => {
      const suggestedWindow = { start: '2027-01-02T00:00:00Z', end: '2027-01-03T00:00:00Z' };
      expect(parseRenewalInfo({ suggestedWindow, explanationURL })).not.toHaveProperty('explanationUrl');
    },
  );

  it('never makes the program stumble, whatever was sent', () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (start, end) => {
        expect(() => parseRenewalInfo({ suggestedWindow: { start, end } })).not.toThrow();
        expect(() => parseRenewalInfo(start)).not.toThrow();
      }),
    );
  });
});

describe('The instant drawn', () => {
  it('lies in the window, end excluded', () => {
    fc.assert(
      fc.property(windows, chance, (window, drawn) => {
        const at = drawInstant(window, () => drawn);
        expect(at).toBeGreaterThanOrEqual(window.start);
        expect(at).toBeLessThan(window.end);
        expect(Number.isInteger(at)).toBe(true);
      }),
    );
  });

  it('is spread evenly over it', () => {
    const random = seededRandom(9);
    const tenths = new Array<number>(10).fill(0);
    for (let draw = 0; draw < 10_000; draw += 1) {
      const tenth = Math.floor(drawInstant({ start: 0, end: 1000 }, random) / 100);
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }
    for (const count of tenths) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });

  it('stays while the window does, and is drawn anew in another one [J6]', () => {
    const random = seededRandom(3);
    const window = { start: NOW + DAY, end: NOW + 3 * DAY };
    const drawnAt = drawInstant(window, random);
    const known = row({ window, drawnAt });
    for (let poll = 0; poll < 100; poll += 1) {
      expect(learn(known, told({ ...window }), NOW + poll * HOUR, random).drawnAt).toBe(drawnAt);
    }
    expect(learn(known, told({ ...window, end: window.end + 1 }), NOW, random).drawnAt).not.toBe(drawnAt);
  });
});

describe('A window', () => {
  it('is sane up to the end of the certificate, also where it has passed', () => {
    expect(isSane({ start: NOW - DAY, end: NOW }, { notAfter: NOW + DAY })).toBe(true);
    expect(isSane({ start: NOW, end: NOW + DAY }, { notAfter: NOW + DAY })).toBe(true);
    expect(isSane({ start: NOW, end: NOW + DAY + 1 }, { notAfter: NOW + DAY })).toBe(false);
  });

  it('makes an order exempt from limits while it is open and the order says what it replaces', () => {
    const ariWindow = { start: NOW, end: NOW + DAY };
    expect(isAriRenewal({ replaces: 'id', ariWindow }, NOW)).toBe(true);
    expect(isAriRenewal({ replaces: 'id', ariWindow }, NOW - 1)).toBe(false);
    expect(isAriRenewal({ replaces: 'id', ariWindow }, NOW + DAY)).toBe(false);
    expect(isAriRenewal({ ariWindow }, NOW)).toBe(false);
    expect(isAriRenewal({ replaces: 'id' }, NOW)).toBe(false);
  });
});

describe('The next question', () => {
  it('comes between a minute and a day after an answer, whatever Retry-After says', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.integer().map(String), fc.constant(undefined)), chance, (header, random) => {
        const at = askAgainAt(header, NOW, () => random);
        expect(at - NOW).toBeGreaterThanOrEqual(MINUTE);
        expect(at - NOW).toBeLessThanOrEqual(DAY);
      }),
    );
  });

  it('comes at 1, 2, 4 ... minutes up to 6 hours after no answer, not before its Retry-After, and spread', () => {
    const passing = { kind: 'passing', message: '' } as const;
    const waits = [1, 2, 3, 9, 10, 50].map((count) => (askAgainAfter(passing, count, NOW, () => 0) - NOW) / MINUTE);
    expect(waits).toEqual([1, 2, 4, 256, 360, 360]);
    expect(askAgainAfter({ ...passing, retryAt: NOW + HOUR }, 1, NOW, () => 0)).toBe(NOW + HOUR);
    expect(askAgainAfter({ ...passing, retryAt: NOW + 9 * DAY }, 1, NOW, () => 0.5)).toBe(NOW + DAY);
    expect(askAgainAfter(passing, 1, NOW, () => 0.5)).toBe(NOW + 1.05 * MINUTE);
    expect(askAgainAfter({ kind: 'lasting', message: '' }, 1, NOW, () => 0)).toBe(NOW + 6 * HOUR);
  });

  it.each([
    [0, true],
    [408, true],
    [429, true],
    [500, true],
    [503, true],
    [200, false],
    [400, false],
    [404, false],
  ])('after status %d is a passing matter: %s', (status, passing) => {
    expect(isPassing(status)).toBe(passing);
  });
});

describe('The renewal instant, with a suggestion', () => {
  const validity = { notBefore: NOW, notAfter: NOW + 100 * DAY };
  const byDefault = NOW + 66 * DAY;

  it.each([
    ['is that of the default rule without one', undefined, 66],
    ['is the suggested one where that is earlier', { at: NOW + 10 * DAY, mayDelay: false }, 10],
    ['is the suggested one where that is later', { at: NOW + 80 * DAY, mayDelay: true }, 80],
    ['is that of the default rule where a later one may not delay', { at: NOW + 80 * DAY, mayDelay: false }, 66],
    ['is before the last twentieth, whatever is suggested', { at: NOW + 99 * DAY, mayDelay: true }, 95],
  ])('%s', (_what, suggestion, days) => {
    expect(renewalInstant(validity, byDefault, suggestion)).toBe(NOW + days * DAY);
  });

  it('is never in the last twentieth of the lifetime', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), fc.boolean(), (defaultAt, at, mayDelay) => {
        const instant = renewalInstant(validity, defaultAt, { at, mayDelay });
        expect(instant).toBeLessThanOrEqual(NOW + 95 * DAY);
        expect(instant).toBeLessThanOrEqual(Math.max(defaultAt, at));
      }),
    );
  });

  it('is put off only while the CA stands by its window, and where nobody has configured another share', () => {
    const known = { drawnAt: NOW, seenAt: NOW - DAY };
    const passing = { at: NOW, count: 1, lasting: false, message: '' };
    expect(suggestionOf({}, {}, NOW)).toBeUndefined();
    expect(suggestionOf(known, {}, NOW)).toEqual({ at: NOW, mayDelay: true });
    expect(suggestionOf(known, { remainingShare: 0.5 }, NOW)).toEqual({ at: NOW, mayDelay: false });
    expect(suggestionOf({ ...known, failure: passing }, {}, NOW)).toEqual({ at: NOW, mayDelay: true });
    expect(suggestionOf({ ...known, failure: passing }, {}, NOW + DAY)).toEqual({ at: NOW, mayDelay: false });
    expect(suggestionOf({ ...known, failure: { ...passing, lasting: true } }, {}, NOW)?.mayDelay).toBe(false);
  });
});
