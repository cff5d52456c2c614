import { describe, expect, it } from 'vitest';
import { NEWEST_KEPT, oldVersions, REDRIVABLE_MS } from '../../../lambdas/core/old-versions.ts';

const DAY = 86_400_000;
const NOW = Date.UTC(2027, 5, 1);

/** Versions 1, 2, 3 ..., each published so many days ago. */
function published(...daysAgo: readonly number[]) {
  return daysAgo.map((days, at) => ({ version: String(at + 1), publishedAt: NOW - days * DAY }));
}

describe('Old versions', () => {
  it('are those that another one replaced longer ago than an execution can be redriven', () => {
    expect(oldVersions(published(90, 60, 30, 20, 10, 5), '6', NOW)).toEqual(['3', '2', '1']);
  });

  it('are judged by when they were replaced, not by when they were made', () => {
    expect(oldVersions(published(300, 14, 3, 2, 1), '5', NOW)).toEqual([]);
    expect(oldVersions(published(300, 16, 3, 2, 1), '5', NOW)).toEqual(['1']);
  });

  it('are none of the newest, however old these are', () => {
    const names = oldVersions(published(900, 800, 700, 600), '4', NOW);
    expect(names).toEqual(['1']);
    expect(names).toHaveLength(4 - NEWEST_KEPT);
  });

  it('never are what a definition names, as after a deployment that was rolled back', () => {
    expect(oldVersions(published(900, 800, 700, 600, 500), '1', NOW)).toEqual(['2']);
  });

  it('are counted as numbers', () => {
    const versions = Array.from({ length: 12 }, (_, at) => ({ version: String(at + 1), publishedAt: NOW - 90 * DAY }));
    expect(oldVersions(versions, '12', NOW)).toEqual(['9', '8', '7', '6', '5', '4', '3', '2', '1']);
  });

  it('are none where no time is known', () => {
    expect(oldVersions(published(Number.NaN, Number.NaN, Number.NaN, Number.NaN, Number.NaN), '5', NOW)).toEqual([]);
  });

  it('wait for longer than the 14 days of a redrive', () => {
    expect(REDRIVABLE_MS).toBeGreaterThan(14 * DAY + 2 * 3_600_000);
  });
});
