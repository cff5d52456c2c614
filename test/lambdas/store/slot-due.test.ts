import { describe, expect, it } from 'vitest';
import type { SlotDnsEntry, SlotOrder } from '../../../lambdas/core/rows.ts';
import { executionNameOf } from '../../../lambdas/store/claim.ts';
import { settleAt } from '../../../lambdas/store/slots.ts';

const NOW = Date.UTC(2027, 0, 1);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const ORDER: SlotOrder = {
  certificate: 'site',
  role: 'current',
  hash: 'h',
  domains: ['example.test'],
  keyType: 'ecdsa-p256',
  ca: {
    name: 'ca',
    directoryUrl: 'https://ca.test/directory',
    environment: 'production',
    accountLabel: 'default',
    contact: [],
  },
  key: { keyId: 'k', sealedKey: { ciphertext: 'c', context: {} }, csr: 'csr' },
  replacedKeys: [],
  createdAt: NOW,
};

const entry = (lateUntil?: number): SlotDnsEntry => ({
  name: '_acme-challenge.example.test',
  value: 'v',
  zoneId: 'Z',
  ...(lateUntil === undefined ? {} : { lateUntil }),
});

describe('a slot is due to be settled', () => {
  it.each([
    ['at its order’s expiry', NOW + HOUR, NOW + HOUR],
    ['a day after the last write, where that is earlier', NOW + 7 * DAY, NOW + DAY],
    ['not within a minute of an order that is about to expire', NOW + 1, NOW + MINUTE],
    ['hourly, where the order outlives its expiry', NOW - 1, NOW + HOUR],
    ['hourly, at the expiry itself', NOW, NOW + HOUR],
  ])('%s', (_what, expires, due) => {
    expect(settleAt({ order: { ...ORDER, expires }, dns: { a: entry(NOW + 30 * DAY) } }, NOW)).toBe(due);
  });

  it('a day after the last write, where the order tells no expiry', () => {
    expect(settleAt({ order: ORDER }, NOW)).toBe(NOW + DAY);
  });

  it('for its DNS values once no publisher can write them any more, the latest of them, and in a minute where none may', () => {
    expect(settleAt({ dns: { a: entry() } }, NOW)).toBe(NOW + MINUTE);
    expect(settleAt({ dns: { a: entry(NOW + HOUR), b: entry(NOW + DAY), c: entry() } }, NOW)).toBe(NOW + DAY + MINUTE);
  });

  it('never, when nothing is left in it', () => {
    expect(settleAt({}, NOW)).toBeUndefined();
    expect(settleAt({ dns: {} }, NOW)).toBeUndefined();
  });
});

describe('an execution’s name', () => {
  const key = { pk: 'CERT#*.exämple.test/with?odd characters', sk: 'ROLE#current' };

  it('is one that Step Functions takes, and the same for the same claim', () => {
    expect(executionNameOf(key, NOW)).toMatch(/^[0-9A-Za-z_-]{1,80}$/);
    expect(executionNameOf(key, NOW)).toBe(executionNameOf({ ...key }, NOW));
  });

  it('is another for another claim, another row, and rows whose keys read alike when put together', () => {
    const names = [
      executionNameOf(key, NOW),
      executionNameOf(key, NOW + 1),
      executionNameOf({ ...key, sk: 'ROLE#standby' }, NOW),
      executionNameOf({ pk: 'ab', sk: 'c' }, NOW),
      executionNameOf({ pk: 'a', sk: 'bc' }, NOW),
    ];
    expect(new Set(names).size).toBe(names.length);
  });
});
