import { describe, expect, it } from 'vitest';
import { isPossibleTransition, knownOrderStatus, ORDER_STATUSES } from '../../../lambdas/core/order-status.ts';

describe('An order (RFC 8555 section 7.1.6)', () => {
  it.each([
    ['pending', ['pending', 'ready', 'processing', 'valid', 'invalid']],
    ['ready', ['ready', 'processing', 'valid', 'invalid']],
    ['processing', ['processing', 'valid', 'invalid']],
    ['valid', ['valid', 'invalid']],
    ['invalid', ['invalid']],
  ] as const)('that was %s may be seen next as %j and as nothing else', (from, to) => {
    expect(ORDER_STATUSES.filter((status) => isPossibleTransition(from, status)).sort()).toEqual([...to].sort());
  });

  it.each(ORDER_STATUSES)('is known by the status %s', (status) => {
    expect(knownOrderStatus(status)).toBe(status);
  });

  it.each(['deactivated', 'deferred', 'Ready', '', 'valid '])(
    'of the status "%s" is not yet to be judged',
    (status) => {
      expect(knownOrderStatus(status)).toBeUndefined();
    },
  );
});
