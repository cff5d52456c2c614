import { describe, expect, it } from 'vitest';
import { parseRetryAfter } from '../../../lambdas/core/retry-after.ts';

const NOW = Date.UTC(2027, 0, 1);

describe('Retry-After', () => {
  it.each([
    ['120', 120_000],
    [' 3 ', 3000],
    ['107650', 107_650_000],
    ['315360000', 315_360_000_000],
    ['Fri, 01 Jan 2027 00:05:00 GMT', 300_000],
    ['Friday, 01-Jan-27 00:05:00 GMT', 300_000],
  ])('of "%s" is read', (header, ms) => {
    expect(parseRetryAfter(header, NOW)).toBe(NOW + ms);
  });

  it.each([
    undefined,
    '',
    '0',
    '-5',
    '1.5',
    'soon',
    'Thu, 01 Jan 2026 00:00:00 GMT',
    'Fri, 01 Jan 2027 00:00:00 GMT',
    '9'.repeat(400),
    'NaN',
    '[object Object]',
  ])('of %j counts as absent', (header) => {
    expect(parseRetryAfter(header, NOW)).toBeUndefined();
  });
});
