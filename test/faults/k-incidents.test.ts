import { afterEach, describe, expect, it } from 'vitest';
import type { CaSettings } from '../../lambdas/core/declaration.ts';
import { parseChain } from '../../lambdas/core/verify-certificate.ts';
import { startRun } from '../../lambdas/steps/start-run.ts';
import { readVersion } from '../../lambdas/store/certificates.ts';
import { LETS_ENCRYPT_PROFILES } from '../../local/ca/profiles.ts';
import { sweepAt } from '../support/renewal-info.ts';
import type { VirtualAccount } from '../support/virtual-account.ts';
import { DAY, HOUR, MINUTE, startVirtualAccount } from '../support/virtual-account.ts';
import { expectOracles, failuresTold, servedAt } from './oracles.ts';
import { issueFrom, otherHierarchy } from './other-chain.ts';
import { FOREVER, rewriteBody, useStage } from './stage.ts';
import { askedAt, watchTxtNames } from './support.ts';

const DOMAIN = 'example.test';
const { classic: CLASSIC } = LETS_ENCRYPT_PROFILES;
if (CLASSIC === undefined) throw new Error('there is no profile of that name');

describe('a renewal after a change at its CA', () => {
  let account: VirtualAccount;
  afterEach(() => account.close());

  async function issue(changes: Partial<CaSettings> = {}): Promise<void> {
    const plain = account.declaration('site', [DOMAIN]);
    await account.deploy([{ ...plain, cas: [{ ...plain.cas[0], ...changes }] }]);
    await account.sweep();
  }

  /** Goes to the renewal instant; nothing is issued a minute before it. */
  async function renew(): Promise<void> {
    const { renewAt = 0 } = await account.role('site');
    const { length } = account.ca.journal.issued;
    await sweepAt(account, renewAt - MINUTE);
    expect(account.ca.journal.issued).toHaveLength(length);
    await sweepAt(account, renewAt + MINUTE);
  }

  it.each([
    ['a new root and intermediate', 1],
    ['a chain of four', 3],
  ] as const)('to %s is stored, pushed to the same place and served: nothing is pinned [K2]', async (_what, depth) => {
    account = await startVirtualAccount();
    const hierarchy = await otherHierarchy(account.virtual.clock.now(), depth);
    await issue({ issuerRootsPem: account.ca.issuerRootsPem + hierarchy.rootPem });
    const before = await servedAt(account, DOMAIN);
    const [held] = account.acm.certificates();
    issueFrom(account, hierarchy);
    await renew();
    const { version = '' } = await account.role('site');
    const stored = await readVersion(account.ports.base.table, 'site', version);
    expect(parseChain(stored?.chainPem ?? '')).toHaveLength(depth + 1);
    expect(account.acm.certificates().map(({ arn }) => arn)).toEqual([held?.arn]);
    await expectOracles(account, { domain: DOMAIN, issued: 2, before });
  });

  it('to certificates with extensions that nobody knows yet is stored, pushed and served [K10]', async () => {
    account = await startVirtualAccount();
    const unknown = ['1.3.6.1.4.1.11129.2.4.2', '1.3.6.1.4.1.44363.47.0'];
    const hierarchy = await otherHierarchy(account.virtual.clock.now(), 1, unknown);
    await issue({ issuerRootsPem: account.ca.issuerRootsPem + hierarchy.rootPem });
    const before = await servedAt(account, DOMAIN);
    issueFrom(account, hierarchy);
    await renew();
    await expectOracles(account, { domain: DOMAIN, issued: 2, before });
  });

  it('that ends a required profile is told a third of the lifetime before the end, and goes on once it is declared otherwise [K4]', async () => {
    account = await startVirtualAccount();
    await issue({ profile: 'tlsserver', profileRequired: true });
    const before = await servedAt(account, DOMAIN);
    account.ca.faults.add({ endpoint: 'directory', times: FOREVER, fault: withoutProfile('tlsserver') });
    await renew();
    const { failure, notAfter = 0, dueAt = 0 } = await account.role('site');
    const now = account.virtual.clock.now();
    expect(failure).toMatchObject({ class: 'person', code: 'profileNotListed' });
    expect(notAfter - now).toBeGreaterThan(14 * DAY);
    expect(dueAt - now).toBeGreaterThan(20 * HOUR);
    await account.live(2 * DAY, 6 * HOUR);
    expect(failuresTold(account)).toHaveLength(1);
    expect(await servedAt(account, DOMAIN)).toEqual(before);
    await issue();
    await expectOracles(account, { domain: DOMAIN, issued: 2, told: 1, before });
  });

  it('that ends a preferred profile is made without it [K4]', async () => {
    account = await startVirtualAccount();
    await issue({ profile: 'tlsserver' });
    const before = await servedAt(account, DOMAIN);
    account.ca.faults.add({ endpoint: 'directory', times: FOREVER, fault: withoutProfile('tlsserver') });
    await renew();
    expect(account.ca.journal.issued.map(({ profile }) => profile)).toEqual(['tlsserver', 'classic']);
    await expectOracles(account, { domain: DOMAIN, issued: 2, before });
  });

  it('that cuts lifetimes again and again comes by the dates of what is served, each time once [K5]', async () => {
    const lifetimes = [90, 64, 47, 45, 6];
    let lifetimeMs = 0;
    const classic = {
      ...CLASSIC,
      get lifetimeMs() {
        return lifetimeMs;
      },
    };
    account = await startVirtualAccount({}, { profiles: { classic } });
    for (const [at, days] of lifetimes.entries()) {
      lifetimeMs = days * DAY;
      await (at === 0 ? issue() : renew());
      const { notBefore = 0, notAfter = 0, renewAt = 0 } = await account.role('site');
      expect(Math.round((notAfter - notBefore) / DAY)).toBe(days);
      const share = (notAfter - renewAt) / (notAfter - notBefore);
      expect(share).toBeCloseTo(days < 10 ? 1 / 2 : 1 / 3, 1);
    }
    await expectOracles(account, { domain: DOMAIN, issued: lifetimes.length });
  });

  it('to validations kept for seven hours only validates anew eight hours later, and leaves no TXT value [K6]', async () => {
    const classic = { ...CLASSIC, validAuthorizationMs: 7 * HOUR };
    account = await startVirtualAccount({}, { profiles: { classic } });
    await issue();
    const seen = watchTxtNames(account);
    await account.virtual.advance(8 * HOUR);
    const deadline = account.virtual.clock.now() + MINUTE;
    await startRun({ ...account.ports.base, deadline }, await account.role('site'), true);
    await account.sweep();
    expect(askedAt(account, 'challenge')).toHaveLength(2);
    expect([...seen]).toEqual([`_acme-challenge.${DOMAIN}`]);
    await expectOracles(account, { domain: DOMAIN, issued: 2 });
  });

  it('to asynchronous finalize, and back, is polled to its end, each order finalized once [K9]', async () => {
    account = await startVirtualAccount();
    await issue();
    const processing = rewriteBody(({ certificate: _, ...order }) => ({ ...order, status: 'processing' }));
    const isFinalized = () => askedAt(account, 'finalize').length === 2;
    account.ca.faults.add({ endpoint: 'finalize', fault: processing });
    account.ca.faults.add({ endpoint: 'order', times: 4, when: isFinalized, fault: processing });
    await renew();
    expect(account.ca.journal.requests.filter(({ fault }) => fault === 'rewrite')).toHaveLength(5);
    await renew();
    expect(askedAt(account, 'finalize')).toHaveLength(3);
    await expectOracles(account, { domain: DOMAIN, issued: 3 });
  });
});

function withoutProfile(name: string) {
  return rewriteBody((directory) => {
    const meta: Record<string, unknown> = Object(directory.meta);
    const { [name]: _gone, ...profiles }: Record<string, unknown> = Object(meta.profiles);
    return { ...directory, meta: { ...meta, profiles } };
  });
}

describe('a CA that closes', () => {
  const stage = useStage();

  it.each([404, 410])(
    'and answers %i to everything is told once and gives way to the next one [K8]',
    async (status) => {
      const name = `closed-${status}`;
      const [settings] = stage.account.declaration(name, [name]).cas;
      const domain = await stage.declare(name, { cas: [settings, stage.otherCa()] });
      await stage.account.sweep();
      const before = await servedAt(stage.account, domain);
      const page = { kind: 'answer', status, body: '<html>We have closed</html>' } as const;
      stage.account.ca.faults.add({ endpoint: 'any', times: FOREVER, fault: page });
      const { renewAt = 0 } = await stage.account.role(name);
      await stage.account.virtual.advance(renewAt - stage.now() + MINUTE);
      expect(await stage.liveUntil(stage.issued(domain, 2), 3 * HOUR)).toBe(true);
      expect(stage.other.journal.issued.filter(({ names }) => names.includes(domain))).toHaveLength(1);
      const { certificate, told } = { certificate: name, told: 1 };
      await expectOracles(stage.account, { domain, certificate, issued: 2, alsoAt: [stage.other], told, before });
    },
  );
});
