import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renewAtOf, renewalReason, versionFits } from '../../../lambdas/core/renewal.ts';
import type { RoleRow, VersionRow } from '../../../lambdas/core/rows.ts';
import { roleKey, versionKey } from '../../../lambdas/core/rows.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2027, 0, 1);
const least = () => 0;

function role(changes: Partial<RoleRow> = {}): RoleRow {
  const due = { kind: 'renew', startSeq: 1, tries: 1 } as const;
  return { ...roleKey('site'), ...due, schema: 1, certificate: 'site', role: 'current', hash: 'h', ...changes };
}

function version(changes: Partial<VersionRow> = {}): VersionRow {
  return {
    ...versionKey('site', 'new'),
    schema: 1,
    certificate: 'site',
    role: 'current',
    hash: 'h',
    sha256: 'new',
    domains: ['example.test'],
    keyType: 'ecdsa-p256',
    chainPem: '',
    sealedKey: { ciphertext: '', context: {} },
    notBefore: NOW - HOUR,
    notAfter: NOW + 90 * DAY,
    ca: 'ca',
    environment: 'production',
    certificateUrl: 'https://ca.test/cert/1',
    storedAt: NOW,
    state: 'stored',
    ...changes,
  };
}

describe('The renewal instant', () => {
  it.each([
    ['a third of 90 days before their end', 90 * DAY, {}, 30 * DAY],
    ['a third of 45 days before their end', 45 * DAY, {}, 15 * DAY],
    ['a third of exactly ten days before their end', 10 * DAY, {}, (10 * DAY) / 3],
    ['half of a lifetime below ten days before its end', 160 * HOUR, {}, 80 * HOUR],
    ['the configured share before the end', 90 * DAY, { remainingShare: 0.5 }, 45 * DAY],
    ['the configured share before the end also below ten days', 100 * HOUR, { remainingShare: 0.25 }, 25 * HOUR],
  ])('is %s', (_what, life, policy, left) => {
    const notAfter = NOW + life;
    expect(notAfter - renewAtOf({ notBefore: NOW, notAfter }, policy, least)).toBeCloseTo(left, 0);
  });

  it('is drawn within the two per cent of the lifetime before that, so that a fleet is spread', () => {
    const validity = { notBefore: NOW, notAfter: NOW + 100 * DAY };
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (chance) => {
        const latest = renewAtOf(validity, {}, least);
        const at = renewAtOf(validity, {}, () => chance);
        expect(at).toBeLessThanOrEqual(latest);
        expect(at).toBeGreaterThanOrEqual(latest - 2 * DAY);
        expect(Number.isInteger(at)).toBe(true);
      }),
    );
    expect(renewAtOf(validity, {}, () => 0.5)).toBe(renewAtOf(validity, {}, least) - DAY);
  });
});

describe('A certificate is needed', () => {
  const served = { version: 'old', versionHash: 'h', renewAt: NOW + DAY } as const;

  it.each([
    ['first, where there is no version', {}, 'first'],
    ['first, even if it is forced', { forced: true }, 'first'],
    ['because the declaration has changed', { ...served, versionHash: 'other' }, 'changed'],
    ['because a person forces it', { ...served, forced: true }, 'forced'],
    ['because its instant has come', { ...served, renewAt: NOW }, 'due'],
    ['because its instant is not known', { ...served, renewAt: undefined }, 'due'],
    ['not yet, a millisecond before its instant', { ...served, renewAt: NOW + 1 }, undefined],
  ] as const)('%s', (_what, changes, reason) => {
    const { renewAt, ...rest } = { renewAt: undefined, ...changes };
    expect(renewalReason(role({ ...rest, ...(renewAt === undefined ? {} : { renewAt }) }), 'h', NOW)).toBe(reason);
  });
});

describe('A stored version', () => {
  const old = { version: 'old', versionHash: 'h', notBefore: NOW - 60 * DAY } as const;

  it.each([
    ['fits a role that has none', {}, {}, true],
    ['fits a role whose version is older', {}, old, true],
    [
      'fits a role whose newer version was made for another declaration',
      { notBefore: NOW - 70 * DAY, notAfter: NOW + 90 * DAY },
      { ...old, versionHash: 'x' },
      true,
    ],
    ['does not fit where it is the present one', { sha256: 'old' }, old, false],
    ['does not fit where it is older than the present one', { notBefore: NOW - 61 * DAY }, old, false],
    ['does not fit another declaration', { hash: 'x' }, old, false],
    ['does not fit once quarantined', { state: 'quarantined' }, old, false],
    ['does not fit before its validity begins', { notBefore: NOW + 1 }, old, false],
    [
      'does not fit when it would have to be renewed at once',
      { notAfter: NOW + 29 * DAY, notBefore: NOW - 61 * DAY },
      {},
      false,
    ],
    ['does not fit after its end', { notAfter: NOW - 1 }, {}, false],
  ] as const)('%s', (_what, changes, roleChanges, fits) => {
    expect(versionFits(version(changes), role(roleChanges), 'h', {}, NOW)).toBe(fits);
  });
});
