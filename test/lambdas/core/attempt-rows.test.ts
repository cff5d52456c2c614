import { describe, expect, it } from 'vitest';
import { bounded } from '../../../lambdas/core/attempt-rows.ts';
import { ulidOf } from '../../../lambdas/core/ulid.ts';

describe('An event of an attempt', () => {
  const refusal = (status: number) =>
    bounded({
      kind: 'refused',
      request: 'finalize',
      status,
      problem: {
        type: 'caa',
        detail: 'd'.repeat(1_000),
        subproblems: Array.from({ length: 100 }, () => ({ type: 'caa', detail: 'x' })),
      },
    });
  const detailOf = (status: number): string => {
    const event = refusal(status);
    return event.kind === 'refused' ? (event.problem?.detail ?? '') : '';
  };

  it('keeps the detail of a 403 in full', () => {
    expect(detailOf(403)).toHaveLength(1_000);
  });

  it('keeps the beginning of any other detail', () => {
    expect(detailOf(400)).toHaveLength(300);
  });

  it('is small, whatever a CA sends', () => {
    expect(JSON.stringify(refusal(403)).length).toBeLessThan(6_000);
  });
});

describe('A ULID', () => {
  it('is the same for the same instant and seed, and sorts by its instant', () => {
    expect(ulidOf(1_700_000_000_000, 'a')).toBe(ulidOf(1_700_000_000_000, 'a'));
    expect(ulidOf(1_700_000_000_000, 'a')).not.toBe(ulidOf(1_700_000_000_000, 'b'));
    expect(ulidOf(1_700_000_000_001, 'a') > ulidOf(1_700_000_000_000, 'z')).toBe(true);
    expect(ulidOf(1_700_000_000_000, 'a')).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
  });

  it('has the time of the specification', () => {
    expect(ulidOf(1_469_918_176_385, 'a').slice(0, 10)).toBe('01ARYZ6S41');
  });
});
