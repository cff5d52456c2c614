import { describe, expect, it } from 'vitest';
import { chooseCa, hasAlternative } from '../../../lambdas/core/choose-ca.ts';
import type { CaSettings, CertificateDeclaration } from '../../../lambdas/core/declaration.ts';
import type { FailureClass } from '../../../lambdas/core/failure.ts';
import { FAILURE_CLASSES } from '../../../lambdas/core/failure.ts';
import { DEFAULT_RETRY } from '../../../lambdas/core/retry-policy.ts';
import type { CaFailure } from '../../../lambdas/core/rows.ts';

function ca(name: string): CaSettings {
  const directoryUrl = `https://${name}.test/directory`;
  return { name, directoryUrl, environment: 'production', accountLabel: 'default', contact: [] };
}

const declaration: CertificateDeclaration = {
  name: 'site',
  domains: ['example.test'],
  keyType: 'ecdsa-p256',
  cas: [ca('a'), ca('b')],
  targets: [],
  renewal: {},
  retry: DEFAULT_RETRY,
};

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2027, 0, 1);
/** A certificate of 90 days with 30 of them left, and one in its last twentieth. */
const CALM = { endsAt: NOW + 30 * DAY, lifeMs: 90 * DAY };
const EMERGENCY = { endsAt: NOW + DAY, lifeMs: 90 * DAY };

const failed = (count: number, failureClass: FailureClass = 'caSide'): CaFailure => ({ class: failureClass, count });
const chosen = (caFailures: Record<string, CaFailure>, emergency = false): string =>
  chooseCa(declaration, { caFailures, ...(emergency ? EMERGENCY : CALM) }, NOW).name;

describe('The CA of the next order', () => {
  it.each([
    ['is the first while nothing has failed', {}, 'a'],
    ['is the first after two failures on its side', { a: failed(2) }, 'a'],
    ['is the next after three', { a: failed(3) }, 'b'],
    ['is the next after three transient ones', { a: failed(3, 'transient') }, 'b'],
    ['is the first again where the next has failed more often', { a: failed(3), b: failed(4) }, 'a'],
    ['is the first however often the next has failed', { b: failed(9) }, 'a'],
  ])('%s', (_what, caFailures, expected) => {
    expect(chosen(caFailures)).toBe(expected);
  });

  it.each(['later', 'reorder', 'person', 'bug', 'reconcile'] as const)(
    'is the first, in calm times, however often it refused as %s: waiting or acting mends that',
    (failureClass) => {
      expect(chosen({ a: failed(50, failureClass) })).toBe('a');
    },
  );

  it.each(FAILURE_CLASSES)('is, in an emergency, the next after the first failure of class %s', (failureClass) => {
    expect(chosen({ a: failed(1, failureClass) }, true)).toBe('b');
  });

  it('alternates for ever where all fail, so that no CA that has recovered stays unused', () => {
    let caFailures: Record<string, CaFailure> = {};
    const names: string[] = [];
    for (let round = 0; round < 40; round += 1) {
      const name = chosen(caFailures, true);
      names.push(name);
      caFailures = { ...caFailures, [name]: failed((caFailures[name]?.count ?? 0) + 1) };
    }
    expect(names.slice(20).filter((name) => name === 'b')).toHaveLength(10);
  });

  it('is the only one, whatever has failed', () => {
    const one = { ...declaration, cas: [ca('a')] } as const;
    expect(chooseCa(one, { caFailures: { a: failed(99) }, ...EMERGENCY }, NOW).name).toBe('a');
  });
});

describe('A CA that asks to wait', () => {
  const waiting = (waitMs: number): Record<string, CaFailure> => ({
    a: { class: 'later', count: 0, retryAt: NOW + waitMs },
  });

  it.each([
    ['is waited for while that ends in time', CALM, 8 * DAY, 'a'],
    ['gives way where that would end in the last twentieth of the lifetime', CALM, 26 * DAY, 'b'],
    ['gives way where that would end after the certificate', CALM, 31 * DAY, 'b'],
    ['is waited for a day where nothing is served yet', {}, DAY, 'a'],
    ['gives way after that where nothing is served yet', {}, DAY + 1, 'b'],
    ['is asked again once that has passed', CALM, -1, 'a'],
  ])('%s', (_what, urgency, waitMs, expected) => {
    const role = { caFailures: waiting(waitMs), ...urgency };
    expect(chooseCa(declaration, role, NOW).name).toBe(expected);
    expect(hasAlternative(declaration, role, 'a', NOW)).toBe(expected === 'b');
  });
});

describe('An alternative to a CA that asks to wait', () => {
  it.each([
    ['is there where another has not failed', { a: failed(1, 'later') }, true],
    ['is not there where the other has failed too', { a: failed(1, 'later'), b: failed(1) }, false],
  ])('in an emergency %s', (_what, caFailures, expected) => {
    expect(hasAlternative(declaration, { caFailures, ...EMERGENCY }, 'a', NOW)).toBe(expected);
  });

  it('is not there with one CA', () => {
    expect(hasAlternative({ ...declaration, cas: [ca('a')] }, EMERGENCY, 'a', NOW)).toBe(false);
  });
});
