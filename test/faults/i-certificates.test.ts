import 'reflect-metadata';
import type { X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { afterEach, describe, expect, it } from 'vitest';
import { versionKey } from '../../lambdas/core/rows.ts';
import { parseChain } from '../../lambdas/core/verify-certificate.ts';
import { startRun } from '../../lambdas/steps/start-run.ts';
import { readVersion } from '../../lambdas/store/certificates.ts';
import { present } from '../../lambdas/store/condition.ts';
import { updateItem } from '../../lambdas/store/table.ts';
import { LETS_ENCRYPT_PROFILES } from '../../local/ca/profiles.ts';
import type { CaAnswer } from '../../local/ca/wire.ts';
import type { VirtualAccount } from '../support/virtual-account.ts';
import { DAY, HOUR, MINUTE, START, startVirtualAccount } from '../support/virtual-account.ts';
import { expectOracles, servedAt } from './oracles.ts';
import { askedAt, gapsOf } from './support.ts';

let account: VirtualAccount;
afterEach(() => account.close());

const DOMAIN = 'example.test';
const ALWAYS = Number.POSITIVE_INFINITY;
const now = () => account.virtual.clock.now();
const failureOf = async () => (await account.role('site')).failure;

async function issue(domains: readonly string[] = [DOMAIN]): Promise<void> {
  await account.deploy([account.declaration('site', domains)]);
  await account.sweep();
}

async function force(): Promise<void> {
  await startRun({ ...account.ports.base, deadline: now() + MINUTE }, await account.role('site'), true);
  await account.sweep();
}

const storedChain = async (): Promise<readonly X509Certificate[]> => {
  const { version = '' } = await account.role('site');
  return parseChain((await readVersion(account.ports.base.table, 'site', version))?.chainPem ?? '');
};

const blocks = (pem: string): readonly string[] =>
  pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----\n?/g) ?? [];

/** The chain is another one, for the first order or for good, in every download or in the first ones. */
function changeChain(change: (chain: readonly string[]) => string, orders = 1, times = ALWAYS): void {
  account.ca.faults.add({
    endpoint: 'certificate',
    times,
    when: () => account.ca.control.orders().length <= orders,
    fault: { kind: 'rewrite', change: (answer: CaAnswer) => ({ ...answer, body: change(blocks(answer.body)) }) },
  });
}

/** A certificate for the key of the one that was issued, but otherwise as told; signed by nobody who matters. */
async function sameKey(leafPem: string, changes: { readonly names?: readonly string[]; readonly notAfter?: Date }) {
  const leaf = new x509.X509Certificate(leafPem);
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const names = (changes.names ?? [DOMAIN]).map((value) => ({ type: 'dns', value }) as const);
  const made = await x509.X509CertificateGenerator.create({
    subject: '',
    issuer: leaf.issuer,
    notBefore: new Date(START - 10 * DAY),
    notAfter: changes.notAfter ?? new Date(START + 80 * DAY),
    publicKey: leaf.publicKey,
    signingKey: keys.privateKey,
    signingAlgorithm: algorithm,
    extensions: [new x509.SubjectAlternativeNameExtension(names)],
  });
  return `${made.toString('pem')}\n`;
}

/** As {@link changeChain}, with a leaf that takes time to make. */
async function replaceLeaf(changes: Parameters<typeof sameKey>[1]): Promise<void> {
  const open = account.ports.order.acme.open;
  const made = new Map<string, string>();
  let first = '';
  account.ports.order.acme.open = (...args) => {
    const session = open(...args);
    return {
      ...session,
      certificate: async (url) => {
        const [leaf = '', ...rest] = blocks(await session.certificate(url));
        first ||= leaf;
        if (leaf !== first) return [leaf, ...rest].join('');
        const other = made.get(leaf) ?? (await sameKey(leaf, changes));
        made.set(leaf, other);
        return [other, ...rest].join('');
      },
    };
  };
}

describe('a chain', () => {
  it.each([
    [
      'with its root',
      (chain: readonly string[]) => [...chain, ...blocks(account.ca.issuerRootsPem)].slice(0, 3).join(''),
    ],
    [
      'out of order',
      ([leaf = '', issuer = '']: readonly string[]) => leaf + blocks(account.ca.issuerRootsPem)[0] + issuer,
    ],
  ])('%s is put in order, and its root is not served [I1]', async (_what, change) => {
    account = await startVirtualAccount();
    changeChain(change, ALWAYS);
    await issue();
    const chain = await storedChain();
    expect(chain).toHaveLength(2);
    expect(chain[0]?.checkIssued(chain[1] as X509Certificate)).toBe(true);
    await expectOracles(account, { domain: DOMAIN, issued: 1 });
  });

  it('of the leaf alone is quarantined and told; the next order has another key [I1]', async () => {
    account = await startVirtualAccount();
    await issue();
    const before = await servedAt(account, DOMAIN);
    changeChain(([leaf = '']) => leaf, 2);
    await force();
    expect(await failureOf()).toMatchObject({ class: 'bug', code: 'certificateRefused' });
    expect(await servedAt(account, DOMAIN)).toEqual(before);
    await account.settleDown(2 * HOUR);
    expect(gapsOf(askedAt(account, 'newOrder')).at(-1)).toBeGreaterThanOrEqual(HOUR);
    await expectOracles(account, { domain: DOMAIN, issued: 3, told: 1, before });
  });

  it('that is broken in every download of a run is whole an hour later: no other certificate is ordered [I1]', async () => {
    account = await startVirtualAccount();
    await issue();
    const before = await servedAt(account, DOMAIN);
    changeChain(([leaf = '']) => leaf, 2, 2);
    await force();
    expect(await failureOf()).toMatchObject({ class: 'bug', code: 'certificateRefused' });
    await account.settleDown(2 * HOUR);
    await expectOracles(account, { domain: DOMAIN, issued: 2, told: 1, before });
  });

  it('under the preferred issuer is taken where the CA offers one [I6]', async () => {
    account = await startVirtualAccount();
    const [ca] = account.declaration('site', [DOMAIN]).cas;
    const preferredIssuer = 'Perennial local CA Root 2';
    await account.deploy([account.declaration('site', [DOMAIN], { cas: [{ ...ca, preferredIssuer }] })]);
    await account.sweep();
    expect((await storedChain()).at(-1)?.issuer).toContain(preferredIssuer);
    expect(account.events.events().map(({ detailType }) => detailType)).not.toContain('certificate.other-chain');
    await expectOracles(account, { domain: DOMAIN, issued: 1 });
  });

  it('is the default one, with an event that says so, where the preferred issuer is on none [I6]', async () => {
    account = await startVirtualAccount();
    const [ca] = account.declaration('site', [DOMAIN]).cas;
    await account.deploy([account.declaration('site', [DOMAIN], { cas: [{ ...ca, preferredIssuer: 'Gone Root' }] })]);
    await account.sweep();
    expect((await storedChain()).at(-1)?.issuer).toContain('Root 1');
    expect(account.events.events().map(({ detailType }) => detailType)).toContain('certificate.other-chain');
    await expectOracles(account, { domain: DOMAIN, issued: 1 });
  });
});

describe('a certificate', () => {
  it.each([
    ['for a name too many', { names: [DOMAIN, 'evil.test'] }, 'its names are'],
    ['for other names', { names: ['evil.test'] }, 'its names are'],
    ['that has ended', { notAfter: new Date(START - DAY) }, 'it ended at'],
  ])(
    '%s is quarantined, never served, and ordered anew with a new key an hour later [I3, I4]',
    async (_what, changes, reason) => {
      account = await startVirtualAccount();
      await replaceLeaf(changes);
      await issue();
      expect(await failureOf()).toMatchObject({ class: 'bug', code: 'certificateRefused' });
      expect((await failureOf())?.message).toContain(reason);
      expect(account.acm.certificates()).toEqual([]);
      await account.settleDown(2 * HOUR);
      expect(gapsOf(askedAt(account, 'newOrder'))[0]).toBeGreaterThanOrEqual(HOUR);
      await expectOracles(account, { domain: DOMAIN, issued: 2, told: 1 });
    },
  );

  it('that begins in two hours is quarantined, told, and taken when it begins [I4]', async () => {
    let ahead = 3 * HOUR;
    account = await startVirtualAccount({}, { now: () => now() + ahead });
    await issue();
    expect((await failureOf())?.message).toContain('it begins only at');
    expect(account.acm.certificates()).toEqual([]);
    ahead = 0;
    await account.settleDown(2 * HOUR);
    await expectOracles(account, { domain: DOMAIN, issued: 1, told: 1 });
  });

  it('of another lifetime than the last one is accepted, decides when it is renewed, and is an event [I5]', async () => {
    let lifetimeMs = 90 * DAY;
    const { classic: usual } = LETS_ENCRYPT_PROFILES;
    if (usual === undefined) throw new Error('there is no profile of that name');
    const classic = {
      ...usual,
      get lifetimeMs() {
        return lifetimeMs;
      },
    };
    account = await startVirtualAccount({}, { profiles: { classic } });
    await issue();
    lifetimeMs = 64 * DAY;
    await force();
    const { renewAt = 0, notAfter = 0, notBefore = 0 } = await account.role('site');
    expect(Math.round((notAfter - notBefore) / DAY)).toBe(64);
    expect((notAfter - renewAt) / (64 * DAY)).toBeCloseTo(1 / 3, 1);
    expect(account.events.events().map(({ detailType }) => detailType)).toContain('certificate.lifetime-changed');
    await expectOracles(account, { domain: DOMAIN, issued: 2 });
  });

  it('without common name and subject key identifier is issued, stored and served [I7]', async () => {
    account = await startVirtualAccount({}, { defaultProfile: 'tlsserver' });
    await issue();
    const [leaf] = await storedChain();
    expect(leaf?.subject ?? '').not.toContain('CN=');
    await expectOracles(account, { domain: DOMAIN, issued: 1 });
  });

  it('for a name too long for a common name is issued, stored and served [I8]', async () => {
    const long = `${'a'.repeat(60)}.${'b'.repeat(20)}.${DOMAIN}`;
    account = await startVirtualAccount();
    await issue([long]);
    await expectOracles(account, { domain: long, issued: 1 });
  });

  it('of an issuer that is not public is refused where a production CA is declared, and told [I10]', async () => {
    account = await startVirtualAccount();
    const [{ issuerRootsPem: _own, ...ca }] = account.declaration('site', [DOMAIN]).cas;
    await account.deploy([account.declaration('site', [DOMAIN], { cas: [ca] })]);
    await account.sweep();
    expect((await failureOf())?.message).toContain('does not end in a publicly trusted root');
    expect(account.acm.certificates()).toEqual([]);
    await expectOracles(account, { domain: DOMAIN, issued: 1, told: 1 });
  });

  it('of a staging CA is refused by a production target although it is stored, and told [I10]', async () => {
    account = await startVirtualAccount();
    await account.deploy([account.declaration('site', [DOMAIN])]);
    account.calls.plan = (call, act) => (call.handler === 'push-target' ? account.calls.kill() : act());
    await account.sweep();
    const { version = '' } = await account.role('site');
    await updateItem(account.ports.base.table, versionKey('site', version), { environment: 'staging' }, present('pk'));
    account.calls.plan = (_call, act) => act();
    await account.live(3 * HOUR);
    expect((await account.targets('site'))[0]?.failure).toMatchObject({ class: 'bug', code: 'wrongEnvironment' });
    expect(account.acm.certificates()).toEqual([]);
    expect(account.sns.messages().some(({ subject }) => subject?.includes('push to acm fails'))).toBe(true);
  });
});
