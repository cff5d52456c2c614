import { describe, expect, it } from 'vitest';
import type { CertificateDeclaration } from '../../../lambdas/core/declaration.ts';
import { declarationHash } from '../../../lambdas/core/declaration.ts';
import { planInventory, refusalOf } from '../../../lambdas/core/inventory-plan.ts';
import { DEFAULT_RETRY } from '../../../lambdas/core/retry-policy.ts';
import type { CertificateRow } from '../../../lambdas/core/rows.ts';
import { certificateKey, ROW_SCHEMA } from '../../../lambdas/core/rows.ts';

function declared(name: string, changes: Partial<CertificateDeclaration> = {}): CertificateDeclaration {
  const ca = { name: 'ca', directoryUrl: 'https://ca.test/dir', environment: 'production', accountLabel: 'default' };
  return {
    name,
    domains: [`${name}.test`],
    keyType: 'ecdsa-p256',
    cas: [{ ...ca, environment: 'production', contact: [] }],
    targets: [{ id: 'acm', kind: 'acm', probe: 'control-plane' }],
    renewal: {},
    retry: DEFAULT_RETRY,
    ...changes,
  };
}

function row(declaration: CertificateDeclaration, changes: Partial<CertificateRow> = {}): CertificateRow {
  const hash = declarationHash(declaration);
  return {
    ...certificateKey(declaration.name),
    schema: ROW_SCHEMA,
    declaration,
    hash,
    retired: false,
    ...changes,
  };
}

const many = (count: number) => Array.from({ length: count }, (_, at) => declared(`c${at}`));
const same = { domains: ['same.test'] };

describe('A plan', () => {
  it('that finds nothing new does nothing', () => {
    const all = many(3);
    const plan = planInventory(
      all,
      all.map((each) => row(each)),
    );
    expect(plan).toEqual({ renames: new Map(), retired: [] });
  });

  it('renames what has the same names and targets, however it is probed', () => {
    const probe = { host: 'same.test', port: 443, servername: 'same.test' };
    const next = declared('next', { ...same, targets: [{ id: 'acm', kind: 'acm', probe }] });
    const plan = planInventory([next], [row(declared('last', same))]);
    expect(plan).toEqual({ renames: new Map([['next', 'last']]), retired: [] });
  });

  it.each([
    ['names', { domains: ['other.test'] }],
    ['targets', { ...same, targets: [{ id: 'acm', kind: 'acm', region: 'us-east-1', probe: 'control-plane' }] }],
  ] as const)('retires what has other %s', (_what, changes) => {
    const plan = planInventory(
      [declared('next', changes as Partial<CertificateDeclaration>)],
      [row(declared('last', same))],
    );
    expect(plan).toEqual({ renames: new Map(), retired: ['last'] });
  });

  it('gives each certificate one new name only, and a name that is live keeps its own', () => {
    const known = [row(declared('a', same)), row(declared('b', same)), row(declared('live', same))];
    const plan = planInventory([declared('live', same), declared('next', same)], known);
    expect(plan).toEqual({ renames: new Map([['next', 'a']]), retired: ['b'] });
  });

  it('takes up a rename that was begun and not ended, also under a third name', () => {
    const half = row(declared('last', same), { retired: true, renamedTo: 'next' });
    for (const name of ['next', 'third']) {
      expect(planInventory([declared(name, same)], [half]).renames).toEqual(new Map([[name, 'last']]));
    }
    expect(planInventory([declared('other')], [half]).retired).toEqual(['last']);
  });

  it('leaves a rename alone that has ended, whatever becomes of the new name', () => {
    const ended = row(declared('last', same), { retired: true, renamedTo: 'next' });
    const gone = row(declared('next', same), { retired: true, renamedFrom: 'last' });
    expect(planInventory([declared('again', same)], [ended, gone])).toEqual({ renames: new Map(), retired: [] });
  });

  it('renames back', () => {
    const ended = row(declared('last', same), { retired: true, renamedTo: 'next' });
    const next = row(declared('next', same), { renamedFrom: 'last' });
    expect(planInventory([declared('last', same)], [ended, next]).renames).toEqual(new Map([['last', 'next']]));
  });
});

describe('Retiring', () => {
  const judge = (before: number, after: readonly CertificateDeclaration[]) => {
    const known = many(before).map((each) => row(each));
    return refusalOf(planInventory(after, known), after, known);
  };

  it.each([
    [1, 3, undefined],
    [2, 20, undefined],
    [2, 19, '2 of 19 certificates'],
    [3, 20, '3 of 20 certificates'],
    [1, 1, '1 of 1 certificates'],
    [4, 4, '4 of 4 certificates'],
  ])('%i of %i is refused as %j', (gone, before, refusal) => {
    const message = judge(before, many(before).slice(gone));
    if (refusal === undefined) expect(message).toBeUndefined();
    else expect(message).toContain(refusal);
  });

  it('the only one while another is added is no accident', () => {
    expect(judge(1, [declared('other')])).toBeUndefined();
  });

  it('names the certificates and the remedy within what CloudFormation shows', () => {
    const long = Array.from({ length: 5_000 }, (_, at) =>
      declared(`${at}`.padEnd(64, 'x'), { domains: [`${at}.test`] }),
    );
    const known = long.map((each) => row(each));
    const message = refusalOf(planInventory([], known), [], known) ?? '';
    expect(message).toMatch(/: 0x+, 1000x+, .* and 4992 more\..*allowRetire: true/);
    expect(message.length).toBeLessThan(900);
  });
});
