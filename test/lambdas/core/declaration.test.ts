import { describe, expect, it } from 'vitest';
import type { CaSettings, CertificateDeclaration } from '../../../lambdas/core/declaration.ts';
import { declarationHash } from '../../../lambdas/core/declaration.ts';
import { DEFAULT_RETRY } from '../../../lambdas/core/retry-policy.ts';
import { accountKey, dueShardOf, roleKey, slotKey } from '../../../lambdas/core/rows.ts';

const first: CaSettings = {
  name: 'a',
  directoryUrl: 'https://a.test/directory',
  environment: 'production',
  accountLabel: 'default',
  contact: [],
};
const second: CaSettings = { ...first, name: 'b', directoryUrl: 'https://b.test/directory' };
const declaration: CertificateDeclaration = {
  name: 'site',
  domains: ['a.example.test', 'b.example.test'],
  keyType: 'ecdsa-p256',
  cas: [first],
  targets: [],
  renewal: {},
  retry: DEFAULT_RETRY,
};
const hash = declarationHash(declaration);

describe('The hash of a declaration', () => {
  it.each<[string, Partial<CertificateDeclaration>]>([
    ['other names', { domains: ['a.example.test'] }],
    ['another key type', { keyType: 'rsa-2048' }],
    ['a profile', { cas: [{ ...first, profile: 'shortlived' }] }],
    ['another directory', { cas: [{ ...first, directoryUrl: 'https://c.test/directory' }] }],
    ['another account', { cas: [{ ...first, accountLabel: 'other' }] }],
    ['another order of the CAs', { cas: [second, first] }],
  ])('changes with %s', (_what, changes) => {
    expect(declarationHash({ ...declaration, ...changes })).not.toBe(hash);
  });

  it.each<[string, Partial<CertificateDeclaration>]>([
    ['another name', { name: 'other' }],
    ['a CA to fall back to', { cas: [first, second] }],
    [
      'contacts, roots or the name of the CA',
      { cas: [{ ...first, name: 'x', contact: ['mailto:a@b.test'], rootsPem: 'x', issuerRootsPem: 'y' }] },
    ],
    ['targets', { targets: [{ id: 'acm', kind: 'acm', probe: 'control-plane' }] }],
    ['the renewal policy', { renewal: { remainingShare: 0.5 } }],
    ['the retry policy', { retry: { ...DEFAULT_RETRY, jitter: 0 } }],
  ])('stays with %s', (_what, changes) => {
    expect(declarationHash({ ...declaration, ...changes })).toBe(hash);
  });
});

describe('The key of a row', () => {
  it('of a slot is the same for the same names in any order, and another for another directory or set', () => {
    const key = slotKey('https://a.test/d', ['b.test', 'a.test']);
    expect(slotKey('https://a.test/d', ['a.test', 'b.test'])).toEqual(key);
    expect(slotKey('https://b.test/d', ['a.test', 'b.test'])).not.toEqual(key);
    expect(slotKey('https://a.test/d', ['a.test'])).not.toEqual(key);
    expect(slotKey('https://a.test/d', ['a.test,b.test'])).not.toEqual(key);
  });

  it('of an account tells directory and label apart', () => {
    expect(accountKey('https://a.test/d', 'x')).not.toEqual(accountKey('https://a.test/d', 'y'));
    expect(accountKey('https://a.test/d', 'x')).not.toEqual(accountKey('https://b.test/d', 'x'));
  });

  it('decides the shard for life, and the shards fill evenly', () => {
    const shards = Array.from({ length: 800 }, (_, at) => dueShardOf(roleKey(`site-${at}`)));
    const counts = [...Map.groupBy(shards, (shard) => shard).values()].map((group) => group.length);
    expect(counts).toHaveLength(8);
    expect(Math.min(...counts)).toBeGreaterThan(50);
    expect(dueShardOf(roleKey('site-1'))).toBe(shards[1]);
  });
});
