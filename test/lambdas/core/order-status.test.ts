import { describe, expect, it } from 'vitest';
import {
  AUTHORIZATION_STATUSES,
  CHALLENGE_STATUSES,
  judgeTransition,
  knownAuthorizationStatus,
  knownOrderStatus,
  ORDER_STATUSES,
} from '../../../lambdas/core/order-status.ts';

const isPossible = (transition: string): boolean => transition === 'same' || transition === 'allowed';

describe('An order (RFC 8555 section 7.1.6)', () => {
  it.each([
    ['pending', ['pending', 'ready', 'processing', 'valid', 'invalid']],
    ['ready', ['ready', 'processing', 'valid', 'invalid']],
    ['processing', ['processing', 'valid', 'invalid']],
    ['valid', ['valid', 'invalid']],
    ['invalid', ['invalid']],
  ] as const)('that was %s may be seen next as %j and as nothing else', (from, to) => {
    const seen = ORDER_STATUSES.filter((status) => isPossible(judgeTransition('order', from, status)));
    expect(seen.sort()).toEqual([...to].sort());
  });

  it.each(ORDER_STATUSES)('is known by the status %s', (status) => {
    expect(knownOrderStatus(status)).toBe(status);
  });

  it.each(['deactivated', 'deferred', 'Ready', '', 'valid '])(
    'of the status "%s" is not yet to be judged',
    (status) => {
      expect(knownOrderStatus(status)).toBeUndefined();
      expect(judgeTransition('order', 'pending', status)).toBe('unknown');
    },
  );
});

describe('An authorization (RFC 8555 section 7.1.6)', () => {
  it.each([
    ['pending', AUTHORIZATION_STATUSES],
    ['valid', ['valid', 'deactivated', 'expired', 'revoked']],
    ['invalid', ['invalid']],
    ['deactivated', ['deactivated']],
    ['expired', ['expired']],
    ['revoked', ['revoked']],
  ] as const)('that was %s may be seen next as %j and as nothing else', (from, to) => {
    const seen = AUTHORIZATION_STATUSES.filter((status) => isPossible(judgeTransition('authorization', from, status)));
    expect(seen.sort()).toEqual([...to].sort());
  });

  it('that a CA calls PRE_APPROVED is of a status that is not known', () => {
    expect(knownAuthorizationStatus('PRE_APPROVED')).toBeUndefined();
    expect(knownAuthorizationStatus('expired')).toBe('expired');
  });
});

describe('A challenge (RFC 8555 section 7.1.6)', () => {
  it.each([
    ['pending', CHALLENGE_STATUSES],
    ['processing', ['processing', 'valid', 'invalid']],
    ['valid', ['valid']],
    ['invalid', ['invalid']],
  ] as const)('that was %s may be seen next as %j and as nothing else', (from, to) => {
    const seen = CHALLENGE_STATUSES.filter((status) => isPossible(judgeTransition('challenge', from, status)));
    expect(seen.sort()).toEqual([...to].sort());
  });
});

describe('What is seen', () => {
  it.each([
    [undefined, 'pending', 'first'],
    ['deferred', 'pending', 'first'],
    ['ready', 'ready', 'same'],
    ['ready', 'valid', 'allowed'],
    ['ready', 'pending', 'impossible'],
    ['valid', 'constructor', 'unknown'],
  ])('after %s as %s is %s', (from, to, transition) => {
    expect(judgeTransition('order', from, to)).toBe(transition);
  });
});
