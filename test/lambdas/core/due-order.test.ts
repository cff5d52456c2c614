import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Place } from '../../../lambdas/core/due-order.ts';
import { byUrgency, pickForRound } from '../../../lambdas/core/due-order.ts';

const DAY = 24 * 3_600_000;
const NOW = Date.UTC(2027, 0, 1);

type Row = Place & { readonly id: number };
let made = 0;
function row(changes: Partial<Place> = {}): Row {
  made += 1;
  return { id: made, kind: 'renew', tries: 0, endsAt: NOW + 30 * DAY, ...changes };
}
const rows = (count: number, changes: Partial<Place> = {}) => Array.from({ length: count }, () => row(changes));
const retriedIn = (picked: readonly Place[]) => picked.filter(({ tries }) => tries > 1).length;

describe('The order of due rows', () => {
  it('is by what ends first; nothing served counts as three days; cleaning up comes last', () => {
    const nothing: Place = { kind: 'renew', tries: 0 };
    const [expired, soon, late, settle] = [
      row({ endsAt: NOW - DAY }),
      row({ endsAt: NOW + 2 * DAY }),
      row({ endsAt: NOW + 4 * DAY }),
      row({ kind: 'settle', endsAt: NOW - 9 * DAY }),
    ];
    expect([settle, late, nothing, soon, expired].sort(byUrgency(NOW))).toEqual([expired, soon, nothing, late, settle]);
  });

  it('treats two clean-ups as equal', () => {
    expect(byUrgency(NOW)({ kind: 'settle', tries: 0 }, { kind: 'settle', tries: 5 })).toBe(0);
  });
});

describe('The rows of a round', () => {
  it.each([
    ['all of them where places are free', 30, 20, 50, 20],
    ['half of the places for repeats where both wait', 300, 300, 200, 100],
    ['all places for repeats where nothing else waits', 0, 300, 200, 200],
    ['all places for first tries where nothing else waits', 300, 0, 200, 0],
    ['the places that first tries leave free go to repeats', 50, 300, 200, 150],
    ['the places that repeats leave free go to first tries', 300, 50, 200, 50],
  ])('are %s', (_what, fresh, retried, count, ofThemRetried) => {
    const picked = pickForRound([...rows(fresh, { tries: 1 }), ...rows(retried, { tries: 2 })], 200, NOW);
    expect(picked).toHaveLength(count);
    expect(retriedIn(picked)).toBe(ofThemRetried);
  });

  it('are the most urgent of their kind, in the order of urgency', () => {
    const late = rows(200, { endsAt: NOW + 60 * DAY });
    const soon = rows(5, { endsAt: NOW + DAY });
    const failing = rows(3, { endsAt: NOW + DAY / 2, tries: 7 });
    const picked = pickForRound([...late, ...soon, ...failing], 200, NOW);
    expect(picked.slice(0, 8)).toEqual([...failing, ...soon]);
    expect(picked).toHaveLength(200);
  });

  const anyRows = fc.array(
    fc.record({
      kind: fc.constantFrom('renew', 'push', 'settle'),
      tries: fc.nat(5),
      endsAt: fc.integer({ min: NOW - 9 * DAY, max: NOW + 90 * DAY }),
    }),
    { maxLength: 60 },
  );

  it('are as many as there are places or rows, each once, and repeats never take more than half from waiting first tries', () => {
    fc.assert(
      fc.property(anyRows, fc.integer({ min: 1, max: 30 }), (given, places) => {
        const picked = pickForRound(given, places, NOW);
        expect(picked).toHaveLength(Math.min(places, given.length));
        expect(new Set(picked).size).toBe(picked.length);
        const freshLeft = given.filter(({ tries }) => tries <= 1).length - (picked.length - retriedIn(picked));
        if (freshLeft > 0) expect(retriedIn(picked)).toBeLessThanOrEqual(Math.floor(places / 2));
      }),
    );
  });
});
