import { describe, expect, it } from 'vitest';
import type { CertificateDeclaration } from '../../../lambdas/core/declaration.ts';
import { declarationHash, settingsHash } from '../../../lambdas/core/declaration.ts';
import type { RetryPolicy } from '../../../lambdas/core/retry-policy.ts';
import { DEFAULT_RETRY } from '../../../lambdas/core/retry-policy.ts';
import type { RecordedFailure, VersionRow } from '../../../lambdas/core/rows.ts';
import { certificateKey, versionKey } from '../../../lambdas/core/rows.ts';
import {
  listTargets,
  listVersions,
  readCertificate,
  readRole,
  readVersion,
  setDesired,
  storeVersion,
} from '../../../lambdas/store/certificates.ts';
import { claimRow } from '../../../lambdas/store/claim.ts';
import { declareTarget } from '../../../lambdas/store/inventory.ts';
import { listInventory } from '../../../lambdas/store/list-inventory.ts';
import { parseRole } from '../../../lambdas/store/parse.ts';
import { retireCertificate, retireTarget } from '../../../lambdas/store/retire.ts';
import { failRun, giveRunBack, succeedRun } from '../../../lambdas/store/run-end.ts';
import type { Ground } from './ground.ts';
import { declarationOf, declareCertificate, found, HOUR, MINUTE, NOW, newName, together } from './ground.ts';

const LATER = NOW + HOUR;
const PATIENT: RetryPolicy = { baseSeconds: 7200, factor: 2, ceilingSeconds: 86_400, jitter: 0, fastAttempts: 9 };
const FAILURE: RecordedFailure = { class: 'caSide', code: 'c', message: 'm', at: NOW, since: NOW, count: 1 };
const withOtherHosts = (declaration: CertificateDeclaration): CertificateDeclaration => ({
  ...declaration,
  cas: [{ ...declaration.cas[0], otherHosts: ['orders.example.test'] }],
});
const ownerNamed = (name: string) => ({ name, retry: DEFAULT_RETRY });

/** What a deployment writes: declarations, roles, targets. */
export function inventoryCases(ground: () => Ground): void {
  describe('a declaration', () => {
    declareCases(ground);
  });
  describe('a target', () => {
    desiredCases(ground);
  });
  describe('a version', () => {
    it('stays as it was first stored', async () => {
      const { table } = ground();
      const name = newName();
      const version = versionOf(name);
      await together(5, (index) => storeVersion(table, { ...version, storedAt: NOW + index }));
      const stored = found(await readVersion(table, name, 'aa'));
      await storeVersion(table, { ...version, state: 'quarantined' });
      expect(await listVersions(table, name)).toEqual([stored]);
    });

    it('that was quarantined is replaced by the same one that holds', async () => {
      const { table } = ground();
      const version = versionOf(newName());
      await storeVersion(table, { ...version, chainPem: 'half', state: 'quarantined', reason: 'its chain is broken' });
      await storeVersion(table, version);
      expect(await readVersion(table, version.certificate, 'aa')).toEqual(version);
    });
  });
}

function versionOf(name: string): VersionRow {
  return {
    ...versionKey(name, 'aa'),
    schema: 1,
    certificate: name,
    role: 'current',
    hash: 'h',
    sha256: 'aa',
    domains: ['example.test'],
    keyType: 'ecdsa-p256',
    chainPem: 'chain',
    sealedKey: { ciphertext: 'c', context: { purpose: 'test' } },
    notBefore: NOW,
    notAfter: LATER,
    ca: 'ca',
    environment: 'production',
    certificateUrl: 'https://ca.example.test/cert/1',
    storedAt: NOW,
    state: 'stored',
  };
}

function declareCases(ground: () => Ground): void {
  it('makes its role due at once, and the target not before there is a version', async () => {
    const { table, role, target } = ground();
    const row = await role();
    expect(row).toMatchObject({ dueAt: NOW, startSeq: NOW, tries: 0, kind: 'renew' });
    expect(await target(row.certificate)).not.toHaveProperty('dueAt');
    expect((await listInventory(table)).get(row.certificate)).toMatchObject({ role: row, targets: [{}] });
  });

  it('that has not changed touches neither role nor target of an issued certificate', async () => {
    const { table, role, target } = ground();
    const declaration = declarationOf(newName());
    const row = await role(declaration);
    const claim = found(await claimRow(table, row, { now: NOW, random: () => 0 }));
    await succeedRun(table, claim.key, claim.startSeq, { dueAt: LATER, version: 'v1' });
    await setDesired(table, await target(row.certificate), { version: 'v1', seq: claim.startSeq, at: NOW });
    const before = [await readRole(table, row.certificate), await target(row.certificate)];
    expect(await declareCertificate(table, declaration, LATER)).toBe(false);
    for (const each of declaration.targets) await declareTarget(table, declaration, each, LATER);
    expect([await readRole(table, row.certificate), await target(row.certificate)]).toEqual(before);
  });

  it.each([
    ['names', { domains: ['other.example.test'] }],
    ['key type', { keyType: 'rsa-2048' as const }],
  ])(
    'whose %s changed makes its role due with a new startSeq, no tries and no run in flight',
    async (_what, changes) => {
      const { table, role } = ground();
      const declaration = declarationOf(newName());
      const claim = found(await claimRow(table, await role(declaration), { now: NOW, random: () => 0 }));
      await failRun(table, claim.key, claim.startSeq, {
        failure: { class: 'person', code: 'caa', message: 'CAA', at: NOW, since: NOW, count: 1 },
        caFailures: { ca: { class: 'person', count: 1 } },
        dueAt: NOW + 24 * HOUR,
      });
      const changed = { ...declaration, ...changes };
      expect(await declareCertificate(table, changed, LATER)).toBe(true);
      const after = found(await readRole(table, declaration.name));
      expect(after).toMatchObject({ startSeq: LATER, tries: 0, dueAt: LATER, hash: declarationHash(changed) });
      for (const gone of ['runUntil', 'caFailures']) expect(after).not.toHaveProperty(gone);
      expect((await readCertificate(table, declaration.name))?.declaration).toEqual(changed);
    },
  );

  it('that has changed outdates the run in flight, which can neither end nor fail any more', async () => {
    const { table, role } = ground();
    const declaration = declarationOf(newName());
    const claim = found(await claimRow(table, await role(declaration), { now: NOW, random: () => 0 }));
    await declareCertificate(table, { ...declaration, domains: ['other.example.test'] }, NOW);
    const after = found(await readRole(table, declaration.name));
    expect(after.startSeq).toBeGreaterThan(claim.startSeq);
    expect(await succeedRun(table, claim.key, claim.startSeq, { version: 'v1' })).toBeUndefined();
    expect(await readRole(table, declaration.name)).toEqual(after);
  });

  it('that has changed in other ways is written and touches no role', async () => {
    const { table, role } = ground();
    const declaration = declarationOf(newName());
    const row = await role(declaration);
    const changed = { ...declaration, renewal: { remainingShare: 0.5 } };
    expect(await declareCertificate(table, changed, LATER)).toBe(false);
    expect(await readRole(table, row.certificate)).toEqual(row);
    expect((await readCertificate(table, row.certificate))?.declaration).toEqual(changed);
  });

  it.each([
    ['a CA’s', (declaration: CertificateDeclaration) => withOtherHosts(declaration)],
    ['DNS', (declaration: CertificateDeclaration) => ({ ...declaration, dns: 'other' })],
  ])(
    'whose %s settings changed has a failing row tried again at once, under the same startSeq',
    async (_whose, mend) => {
      const { table, role } = ground();
      const declaration = declarationOf(newName());
      const claim = found(await claimRow(table, await role(declaration), { now: NOW, random: () => 0 }));
      const caFailures = { ca: { class: 'person', count: 1 } };
      const failure = { failure: FAILURE, caFailures, dueAt: NOW + 24 * HOUR };
      const failed = found(await failRun(table, claim.key, claim.startSeq, failure));
      expect(await declareCertificate(table, mend(declaration), NOW + MINUTE)).toBe(true);
      const { caFailures: _forgotten, ...rest } = failed;
      const settings = settingsHash(mend(declaration));
      const after = { ...rest, settings, tries: 0, dueAt: NOW + MINUTE };
      expect(await readRole(table, declaration.name)).toEqual(after);
      expect(await declareCertificate(table, mend(declaration), NOW + HOUR)).toBe(false);
      expect(await readRole(table, declaration.name)).toEqual(after);
    },
  );

  it('whose settings changed is not tried before its CA wants to be asked, and not at all where it does not fail', async () => {
    const { table, role } = ground();
    const declaration = declarationOf(newName());
    const claim = found(await claimRow(table, await role(declaration), { now: NOW, random: () => 0 }));
    const asked = { ...FAILURE, retryAt: NOW + 3 * HOUR };
    await failRun(table, claim.key, claim.startSeq, { failure: asked, dueAt: NOW + 24 * HOUR });
    await declareCertificate(table, withOtherHosts(declaration), NOW + MINUTE);
    expect((await readRole(table, declaration.name))?.dueAt).toBe(NOW + 3 * HOUR);
    const well = await role(declarationOf(newName()));
    const second = found(await claimRow(table, well, { now: NOW, random: () => 0 }));
    await succeedRun(table, second.key, second.startSeq, { dueAt: LATER });
    expect(await declareCertificate(table, withOtherHosts(declarationOf(well.certificate)), NOW + MINUTE)).toBe(false);
    expect((await readRole(table, well.certificate))?.dueAt).toBe(LATER);
  });

  it('of an earlier version, whose row says nothing of settings, is not tried for having some now', async () => {
    const { table, role, put } = ground();
    const declaration = declarationOf(newName());
    const claim = found(await claimRow(table, await role(declaration), { now: NOW, random: () => 0 }));
    const failed = await failRun(table, claim.key, claim.startSeq, { failure: FAILURE, dueAt: NOW + 24 * HOUR });
    const { settings, ...row } = parseRole(found(failed));
    await put(row);
    expect(await declareCertificate(table, declaration, NOW + MINUTE)).toBe(false);
    expect(await readRole(table, declaration.name)).toEqual({ ...row, settings });
  });

  it('whose retry policy alone changed moves the next try of a failing row, which keeps its startSeq', async () => {
    const { table, role } = ground();
    const declaration = declarationOf(newName());
    const claim = found(await claimRow(table, await role(declaration), { now: NOW, random: () => 0 }));
    const dueAt = NOW + 24 * HOUR;
    const failed = found(await failRun(table, claim.key, claim.startSeq, { failure: FAILURE, dueAt }));
    expect(failed).toMatchObject({ tries: 1, dueAt });
    expect(await declareCertificate(table, { ...declaration, retry: PATIENT }, NOW + MINUTE)).toBe(false);
    expect(await readRole(table, declaration.name)).toEqual({ ...failed, retry: PATIENT, dueAt: NOW + 2 * HOUR });
  });

  it('whose retry policy alone changed leaves the run in flight and what is due already, and is the row’s from then on', async () => {
    const { table, role } = ground();
    const declaration = { ...declarationOf(newName()), retry: PATIENT };
    const row = await role(declaration);
    const claim = found(await claimRow(table, row, { now: NOW, random: () => 0 }));
    expect(await readRole(table, row.certificate)).toMatchObject({ dueAt: NOW + 2 * HOUR });
    const inFlight = found(await readRole(table, row.certificate));
    await declareCertificate(table, { ...declaration, retry: DEFAULT_RETRY }, NOW + MINUTE);
    expect(await readRole(table, row.certificate)).toEqual({ ...inFlight, retry: DEFAULT_RETRY });
    expect(await succeedRun(table, claim.key, claim.startSeq, { dueAt: LATER })).toBeDefined();
    const done = found(await readRole(table, row.certificate));
    await declareCertificate(table, { ...declaration, retry: PATIENT }, LATER);
    expect(await readRole(table, row.certificate)).toEqual({ ...done, retry: PATIENT });
  });

  it('whose retry policy changes while its row is made due loses nothing of that', async () => {
    const { table, role, target, meanwhile } = ground();
    const declaration = declarationOf(newName());
    await role(declaration);
    const first = found(await setDesired(table, await target(declaration.name), { version: 'v1', seq: 1, at: NOW }));
    const claim = found(await claimRow(table, first, { now: NOW, random: () => 0 }));
    await failRun(table, claim.key, claim.startSeq, { failure: FAILURE, dueAt: NOW + 24 * HOUR });
    const row = await target(declaration.name);
    meanwhile('UpdateItem', () => setDesired(table, row, { version: 'v2', seq: 2, at: NOW + MINUTE }));
    await declareTarget(table, { ...declaration, retry: PATIENT }, row.target, NOW + MINUTE);
    expect(await target(declaration.name)).toMatchObject({ retry: PATIENT, desired: 'v2', dueAt: NOW + MINUTE });
  });

  it('of an earlier version, whose row says nothing of retrying, is tried again by the default and not written anew', async () => {
    const { table, role, put } = ground();
    const declaration = declarationOf(newName());
    const { retry: _retry, ...row } = await role(declaration);
    await put(row);
    await declareCertificate(table, declaration, NOW);
    expect(await readRole(table, row.certificate)).toEqual(row);
    const claim = found(await claimRow(table, row, { now: NOW, random: () => 0 }));
    expect((await readRole(table, row.certificate))?.dueAt).toBe(claim.runUntil);
  });

  it('that changes while the row is claimed wins in the end', async () => {
    const { table, role, meanwhile } = ground();
    const declaration = declarationOf(newName());
    const row = await role(declaration);
    const changed = { ...declaration, domains: ['other.example.test'] };
    // Two updates: the declaration itself, then the role.
    meanwhile('UpdateItem', async () =>
      meanwhile('UpdateItem', () => claimRow(table, row, { now: NOW, random: () => 0 })),
    );
    expect(await declareCertificate(table, changed, LATER)).toBe(true);
    expect(await readRole(table, row.certificate)).toMatchObject({ startSeq: LATER, tries: 0, dueAt: LATER });
  });

  it('that is gone takes role and targets out of the due index, outdates their runs and keeps all else', async () => {
    const { table, role, target } = ground();
    const row = await role();
    const claim = found(await claimRow(table, row, { now: NOW, random: () => 0 }));
    const claimed = found(await readRole(table, row.certificate));
    const wanted = found(await setDesired(table, await target(row.certificate), { version: 'v1', seq: 1, at: NOW }));
    await retireCertificate(table, row.certificate, LATER);
    const { dueAt: _role, runUntil: _run, ...restOfRole } = claimed;
    const { dueAt: _target, ...restOfTarget } = wanted;
    expect(await readRole(table, row.certificate)).toEqual({ ...restOfRole, startSeq: LATER });
    expect(await listTargets(table, row.certificate)).toEqual([{ ...restOfTarget, startSeq: LATER, retired: true }]);
    expect((await readCertificate(table, row.certificate))?.retired).toBe(true);
    await giveRunBack(table, { ...claimed, startSeq: claim.startSeq }, NOW);
    expect(await readRole(table, row.certificate)).not.toHaveProperty('dueAt');
  });

  it('that comes back makes its role due again', async () => {
    const { table, role } = ground();
    const declaration = declarationOf(newName());
    await role(declaration);
    await retireCertificate(table, declaration.name, NOW);
    expect(await declareCertificate(table, declaration, LATER)).toBe(true);
    expect(await readRole(table, declaration.name)).toMatchObject({ dueAt: LATER, startSeq: LATER });
    expect((await readCertificate(table, declaration.name))?.retired).toBe(false);
  });
}

function desiredCases(ground: () => Ground): void {
  it('wants what the newest run of its certificate promoted, in whatever order they tell it', async () => {
    const { table, role, target } = ground();
    const { certificate } = await role();
    const row = await target(certificate);
    await together(10, (index) => setDesired(table, row, { version: `v${10 - index}`, seq: 10 - index, at: NOW }));
    expect(await target(certificate)).toMatchObject({ desired: 'v10', desiredSeq: 10, dueAt: NOW });
  });

  it('does not want an older version, nor the same again', async () => {
    const { table, role, target } = ground();
    const { certificate } = await role();
    const wanted = found(await setDesired(table, await target(certificate), { version: 'new', seq: 2, at: LATER }));
    expect(await setDesired(table, wanted, { version: 'old', seq: 1, at: LATER })).toBeUndefined();
    expect(await setDesired(table, wanted, { version: 'new', seq: 2, at: LATER + 1 })).toBeUndefined();
    expect(await target(certificate)).toEqual(wanted);
  });

  it('that is told what to want keeps its startSeq, and its deadline begins anew', async () => {
    const { table, role, target } = ground();
    const { certificate } = await role();
    const row = await target(certificate);
    const claim = found(
      await claimRow(table, { ...row, startSeq: row.startSeq }, { now: NOW, random: () => 0, forced: true }),
    );
    const wanted = found(await setDesired(table, row, { version: 'v1', seq: 1, at: LATER }));
    expect(wanted).toMatchObject({
      startSeq: claim.startSeq,
      runUntil: claim.runUntil,
      dueAt: LATER,
      desiredAt: LATER,
    });
    expect(wanted).not.toHaveProperty('deadline');
  });

  it('that is gone is not made by wanting something', async () => {
    const { table, role, target } = ground();
    const { certificate } = await role();
    const gone = { ...(await target(certificate)), sk: 'TARGET#gone' };
    expect(await setDesired(table, gone, { version: 'v1', seq: 1, at: NOW })).toBeUndefined();
    expect(await listTargets(table, certificate)).toHaveLength(1);
  });

  it('whose declaration changed is due at once', async () => {
    const { table, role, target } = ground();
    const { certificate } = await role();
    const { target: declared } = await target(certificate);
    const changed = { ...declared, region: 'us-east-1' };
    await declareTarget(table, ownerNamed(certificate), changed, LATER);
    expect(await target(certificate)).toMatchObject({ target: changed, dueAt: LATER });
  });

  it('whose declaration comes back as it was, in whatever order its fields are, is not touched', async () => {
    const { table, role, target } = ground();
    const { certificate } = await role();
    const wanted = found(await setDesired(table, await target(certificate), { version: 'v1', seq: 1, at: NOW }));
    const { id, probe } = wanted.target;
    const kind = 'acm';
    await declareTarget(table, ownerNamed(certificate), { probe, kind, id }, LATER);
    await declareTarget(table, ownerNamed(certificate), { kind, id, probe }, LATER);
    expect(await target(certificate)).toEqual(wanted);
  });

  it('of a certificate without a version is not due, however often it is declared', async () => {
    const { table, role, target } = ground();
    const row = await target((await role()).certificate);
    await declareTarget(table, ownerNamed(row.certificate), row.target, LATER);
    expect(await target(row.certificate)).toEqual(row);
  });

  it('that is claimed while it is declared anew has the new declaration in the end', async () => {
    const { table, role, target, meanwhile } = ground();
    const row = found(
      await setDesired(table, await target((await role()).certificate), { version: 'v1', seq: 1, at: NOW }),
    );
    meanwhile('UpdateItem', () => claimRow(table, row, { now: NOW, random: () => 0 }));
    await declareTarget(table, ownerNamed(row.certificate), { ...row.target, kind: 'acm', region: 'us-east-1' }, NOW);
    expect((await target(row.certificate)).target).toMatchObject({ region: 'us-east-1' });
  });

  it('whose role a crash kept from being written can be retired all the same', async () => {
    const { table, put } = ground();
    const declaration = declarationOf(newName());
    await put({ ...certificateKey(declaration.name), schema: 1, declaration, hash: 'h', retired: false });
    await retireCertificate(table, declaration.name, NOW);
    expect((await readCertificate(table, declaration.name))?.retired).toBe(true);
    expect(await readRole(table, declaration.name)).toBeUndefined();
  });

  it('that is claimed while it is retired is out of the due index in the end', async () => {
    const { table, role, target, meanwhile } = ground();
    const row = found(
      await setDesired(table, await target((await role()).certificate), { version: 'v1', seq: 1, at: NOW }),
    );
    meanwhile('UpdateItem', () => claimRow(table, row, { now: NOW, random: () => 0 }));
    await retireTarget(table, row, NOW);
    expect(await target(row.certificate)).not.toHaveProperty('dueAt');
  });

  it('that is retired wants nothing any more, until it is declared again', async () => {
    const { table, role, target } = ground();
    const { certificate } = await role();
    const row = await target(certificate);
    await retireTarget(table, row, NOW);
    expect(await setDesired(table, row, { version: 'v1', seq: 1, at: NOW })).toBeUndefined();
    await declareTarget(table, ownerNamed(certificate), row.target, LATER);
    expect(await target(certificate)).toMatchObject({ dueAt: LATER });
    expect(await setDesired(table, row, { version: 'v1', seq: 1, at: NOW })).toMatchObject({ desired: 'v1' });
  });

  it('that is retired is out of the due index', async () => {
    const { table, role, target } = ground();
    const { certificate } = await role();
    const wanted = found(await setDesired(table, await target(certificate), { version: 'v1', seq: 1, at: NOW }));
    await retireTarget(table, wanted, NOW);
    expect(await target(certificate)).not.toHaveProperty('dueAt');
  });
}
