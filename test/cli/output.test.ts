import { describe, expect, it } from 'vitest';
import { nearNames } from '../../cli/account/near-names.ts';
import { columns } from '../../cli/output/columns.ts';
import { toJson } from '../../cli/output/json.ts';
import { relative, when } from '../../cli/output/times.ts';
import { DAY, HOUR, MINUTE, START } from '../support/virtual-account.ts';

describe('what people read', () => {
  it.each([
    [0, 'now'],
    [45_000, 'in 45 seconds'],
    [-3 * MINUTE, '3 minutes ago'],
    [5 * HOUR, 'in 5 hours'],
    [-12.9 * DAY, '12 days ago'],
    [12 * DAY, 'in 12 days'],
  ])('says %i milliseconds as "%s"', (distance, words) => {
    expect(relative(START + distance, START)).toBe(words);
  });

  it('has each instant in UTC as well', () => {
    expect(when(START, START + DAY * 3)).toBe('2027-01-01 00:00 UTC (3 days ago)');
  });

  it('is aligned, whatever is painted', () => {
    const red = { text: 'no', paint: (text: string) => `<red>${text}</red>` };
    expect(
      columns([
        ['a', red, 'x'],
        ['long', 'yes', 'y'],
      ]),
    ).toEqual(['a     <red>no</red>   x', 'long  yes  y']);
  });
});

describe('what programs read', () => {
  it('has instants in ISO 8601, and leaves other numbers alone', () => {
    expect(toJson({ storedAt: START, notAfter: START, since: START, count: 3, list: [{ at: START }] })).toBe(
      '{"storedAt":"2027-01-01T00:00:00.000Z","notAfter":"2027-01-01T00:00:00.000Z","since":"2027-01-01T00:00:00.000Z","count":3,"list":[{"at":"2027-01-01T00:00:00.000Z"}]}',
    );
  });
});

describe('near names', () => {
  it('are those that somebody may have meant, the nearest first, at most three', () => {
    const known = ['website', 'web', 'api', 'shop', 'website-old'];
    expect(nearNames('websit', known)).toEqual(['website', 'web', 'website-old']);
    expect(nearNames('SHOP', known)).toEqual(['shop']);
    expect(nearNames('completely-other', known)).toEqual([]);
  });
});
