import { afterEach, describe, expect, it } from 'vitest';
import type { CaSettings } from '../../lambdas/core/declaration.ts';
import { directoryLimitKey } from '../../lambdas/core/limit-rows.ts';
import type { CaLimits } from '../../lambdas/core/rate-limits.ts';
import { startRun } from '../../lambdas/steps/start-run.ts';
import { readLimit, teachLimit } from '../../lambdas/store/limits.ts';
import type { RateLimitOptions } from '../../local/ca/rate-limits.ts';
import type { Lookup } from '../../local/ca/resolver.ts';
import type { EmbeddedOptions } from '../../local/embedded/account.ts';
import type { VirtualAccount } from '../support/virtual-account.ts';
import { DAY, HOUR, MINUTE, startVirtualAccount } from '../support/virtual-account.ts';
import { expectOracles, failuresTold } from './oracles.ts';

const ZONES = ['example.test', 'other.test'];
const WEEK = 7 * DAY;
const FEW: RateLimitOptions & CaLimits = { certificatesPerDomain: { count: 3, windowMs: WEEK } };

/** A name server that shows nothing: every validation fails. */
const BLIND: Lookup = {
  txt: async () => ({ values: [], exists: false }),
  caa: async () => [],
  addresses: async () => [],
};

let account: VirtualAccount;
afterEach(() => account.close());

const now = () => account.virtual.clock.now();
const at = (endpoint: string) =>
  account.ca.journal.requests
    .filter((request) => request.endpoint === endpoint && request.problemType !== 'badNonce')
    .map((request) => request.at);

async function start(
  atCa: RateLimitOptions,
  more: Parameters<typeof startVirtualAccount>[1] = {},
  options: Partial<EmbeddedOptions> = {},
): Promise<void> {
  account = await startVirtualAccount({ inProcess: {}, zones: ZONES, ...options }, { limits: atCa, ...more });
}

/** Invocations of a Lambda follow each other in the order in which they were asked for: else those of one sweep race. */
function oneAtATime(lambda: string): NonNullable<EmbeddedOptions['around']> {
  let last: Promise<unknown> = Promise.resolve();
  return (name, handler) =>
    name === lambda ? (input) => (last = last.catch(() => undefined).then(() => handler(input))) : handler;
}

/** Certificates of these names, whose CA has these limits here. */
async function deploy(names: Readonly<Record<string, readonly string[]>>, here?: CaLimits): Promise<void> {
  await account.deploy(
    Object.entries(names).map(([name, domains]) => {
      const declared = account.declaration(name, domains);
      const [ca] = declared.cas;
      const registered = domains.map((domain) => domain.split('.').slice(-2).join('.'));
      const known: CaSettings = here === undefined ? ca : { ...ca, limits: here };
      return { ...declared, cas: [known], registeredDomains: [...new Set(registered)] };
    }),
  );
}

const sites = (count: number, domain = 'example.test') =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`site-${at}`, [`site-${at}.${domain}`]]));
const issued = () => account.ca.journal.issued.map(({ names }) => names[0]);
const force = async (name: string) => {
  await startRun({ ...account.ports.base, deadline: now() + MINUTE }, await account.role(name), true);
  await account.sweep();
};

describe('a limit that is kept to here', () => {
  it('on certificates of a registered domain lets nobody be refused: the others come when they fit [L22]', async () => {
    await start(FEW);
    await deploy({ ...sites(6), elsewhere: ['www.other.test'] }, FEW);
    await account.sweep();
    expect(issued()).toContain('www.other.test');
    expect(issued()).toHaveLength(4);
    await account.live(8 * DAY, 6 * HOUR);
    expect(issued()).toHaveLength(7);
    expect(account.ca.journal.limited).toEqual([]);
    expect(failuresTold(account, 'site-5')).toEqual([]);
    await expectOracles(account, { domain: 'site-5.example.test', certificate: 'site-5', issued: 1 });
  });

  it('does not start what cannot be ordered now over and over', async () => {
    const limit = { newOrdersPerAccount: { count: 4, windowMs: 8 * HOUR } };
    await start(limit);
    await deploy(sites(12), limit);
    await account.live(DAY, 15 * MINUTE);
    expect(issued()).toHaveLength(12);
    expect(account.ca.journal.limited).toEqual([]);
    const runs = account.interpreter.executions.filter(({ machine }) => machine === 'renewal');
    expect(runs.length).toBeLessThan(30);
  });

  it('on failed authorizations is never reached, however often a person forces a run [G11]', async () => {
    const limit = { failedAuthorizations: { count: 5, windowMs: HOUR } };
    await start(limit, { resolver: BLIND });
    await deploy({ site: ['site.example.test'] }, limit);
    for (let minute = 0; minute < 60; minute += 4) {
      await account.virtual.advance(4 * MINUTE);
      await force('site');
    }
    expect(at('newOrder').length).toBeGreaterThanOrEqual(5);
    expect(account.ca.journal.limited).toEqual([]);
  });

  it('lets those that end first have their turn after an outage of days, and refuses none [L21]', async () => {
    const limit = { newOrdersPerAccount: { count: 3, windowMs: 3 * HOUR } };
    await start(limit, { habits: { reuseOrders: false } }, { around: oneAtATime('create-order') });
    await deploy(sites(6), limit);
    await account.live(6 * HOUR, HOUR);
    expect(issued()).toHaveLength(6);
    const renewals = await Promise.all(Object.keys(sites(6)).map((name) => account.role(name)));
    await account.virtual.advance(Math.max(...renewals.map(({ renewAt = 0 }) => renewAt)) + 2 * DAY - now());
    await account.live(6 * HOUR, 15 * MINUTE);
    expect(issued()).toHaveLength(12);
    expect(account.ca.journal.limited).toEqual([]);
    const ends = renewals.sort((a, b) => (a.notAfter ?? 0) - (b.notAfter ?? 0)).map(({ certificate }) => certificate);
    const first = issued()
      .slice(6, 9)
      .map((name) => name?.split('.')[0]);
    expect([...first].sort()).toEqual(ends.slice(0, 3).sort());
  });

  it('gives a reservation back whose run died before it could order, also where nobody orders those names again', async () => {
    await start({});
    await deploy(sites(1), FEW);
    account.calls.plan = ({ operation }, act) => (operation === 'POST /acme/new-order' ? account.calls.kill() : act());
    const [ca] = account.declaration('site-0', []).cas;
    const row = () =>
      readLimit(account.ports.base.table, directoryLimitKey(ca, 'certificatesPerDomain', 'example.test'));
    await account.sweep();
    expect(Object.keys((await row()).held)).toHaveLength(1);
    account.calls.plan = (_call, act) => act();
    await deploy({}, FEW);
    await account.live(2 * DAY, 6 * HOUR);
    expect((await row()).held).toEqual({});
    expect(await account.slot(['site-0.example.test'])).not.toHaveProperty('limits');
    expect(at('newOrder')).toEqual([]);
  });

  it('gives the reservation of an order back that the CA has refused, and spends that of a certificate', async () => {
    await start({});
    await deploy(sites(1), FEW);
    const body = JSON.stringify({ type: 'urn:ietf:params:acme:error:rejectedIdentifier', detail: 'no', status: 400 });
    const headers = { 'content-type': 'application/problem+json' };
    account.ca.faults.add({ endpoint: 'newOrder', fault: { kind: 'answer', status: 400, headers, body } });
    await account.sweep();
    const [ca] = account.declaration('site-0', []).cas;
    const row = () =>
      readLimit(account.ports.base.table, directoryLimitKey(ca, 'certificatesPerDomain', 'example.test'));
    expect(await row()).toMatchObject({ held: {} });
    expect((await row()).arrivalAt).toBeLessThanOrEqual(now());
    await account.live(2 * DAY, 6 * HOUR);
    expect(issued()).toHaveLength(1);
    expect(await row()).toMatchObject({ held: {} });
    expect((await row()).arrivalAt).toBeGreaterThan(now());
  });

  it('blocks for an hour at most in an emergency, and is told then', async () => {
    await start({});
    await deploy(sites(1), FEW);
    await account.sweep();
    const { notAfter = 0, notBefore = 0, renewAt = 0 } = await account.role('site-0');
    const emergency = notAfter - (notAfter - notBefore) / 20;
    const [ca] = account.declaration('site-0', []).cas;
    const { table } = account.ports.base;
    await teachLimit(table, directoryLimitKey(ca, 'requests'), undefined, notAfter, now());
    await account.virtual.advance(renewAt - now());
    await account.live(emergency - now() - HOUR, 6 * HOUR);
    expect(failuresTold(account, 'site-0')).toEqual([]);
    expect(issued()).toHaveLength(1);
    await account.live(5 * HOUR, 15 * MINUTE);
    expect(issued()).toHaveLength(2);
    expect(at('newOrder')[1]).toBeLessThanOrEqual(emergency + HOUR + 40 * MINUTE);
    expect(failuresTold(account, 'site-0')).toHaveLength(1);
  });
});

describe('a 429 that nobody here has foreseen', () => {
  it('for orders of the account stops the others of that account, and nobody else, until its Retry-After [D12]', async () => {
    await start({ newOrdersPerAccount: { count: 1, windowMs: 10 * HOUR } });
    await deploy({ one: ['one.example.test'] });
    await account.sweep();
    await deploy({ one: ['one.example.test'], two: ['two.example.test'] });
    await account.sweep();
    expect(account.ca.journal.limited).toHaveLength(1);
    await deploy({ one: ['one.example.test'], two: ['two.example.test'], three: ['three.example.test'] });
    await account.live(9 * HOUR);
    expect(account.ca.journal.limited).toHaveLength(1);
    await account.live(14 * HOUR);
    expect(issued()).toHaveLength(3);
  });

  it('for a registered domain stops the certificates of that domain, and no other [D12]', async () => {
    await start({ certificatesPerDomain: { count: 1, windowMs: 10 * HOUR } });
    const loose: CaLimits = { certificatesPerDomain: { count: 50, windowMs: WEEK } };
    await deploy(sites(1), loose);
    await account.sweep();
    await deploy(sites(2), loose);
    await account.sweep();
    expect(account.ca.journal.limited).toHaveLength(1);
    await deploy({ ...sites(4), elsewhere: ['www.other.test'] }, loose);
    await account.live(9 * HOUR);
    expect(issued()).toContain('www.other.test');
    expect(account.ca.journal.limited).toHaveLength(1);
  });

  it('for an exact set stops that certificate alone [D12]', async () => {
    await start({ certificatesPerExactSet: { count: 1, windowMs: 10 * HOUR } });
    await deploy(sites(2));
    await account.sweep();
    await force('site-0');
    expect(account.ca.journal.limited).toHaveLength(1);
    await deploy(sites(3));
    await account.live(9 * HOUR);
    expect(issued()).toContain('site-2.example.test');
    expect(account.ca.journal.limited).toHaveLength(1);
    await account.live(2 * HOUR);
    expect(issued().filter((name) => name === 'site-0.example.test')).toHaveLength(2);
  });

  it('for failed authorizations stops that name alone [D12]', async () => {
    await start({ failedAuthorizations: { count: 1, windowMs: 10 * HOUR } }, { resolver: BLIND });
    await deploy(sites(1));
    await account.sweep();
    await account.live(HOUR);
    expect(account.ca.journal.limited).toHaveLength(1);
    await deploy(sites(2));
    await account.sweep();
    expect(at('newOrder')).toHaveLength(3);
    expect(account.ca.journal.limited).toHaveLength(1);
  });

  it('for new accounts of a shared address is waited for by the whole fleet [C9]', async () => {
    await start({});
    const detail = 'too many new registrations (10) from this IP address in the last 3h0m0s';
    const body = JSON.stringify({ type: 'urn:ietf:params:acme:error:rateLimited', detail, status: 429 });
    const headers = { 'content-type': 'application/problem+json', 'retry-after': '7200' };
    account.ca.faults.add({ endpoint: 'newAccount', fault: { kind: 'answer', status: 429, headers, body } });
    await deploy(sites(1));
    await account.sweep();
    await deploy(sites(8));
    await account.live(5 * HOUR);
    const [first = 0, second = 0, ...more] = at('newAccount');
    expect(second - first).toBeGreaterThanOrEqual(2 * HOUR);
    expect(more).toHaveLength(0);
    expect(issued()).toHaveLength(8);
    expect(failuresTold(account, 'site-7')).toEqual([]);
  });

  it('or 503 for requests of a shared address makes all of that CA wait, not longer than three hours [L23]', async () => {
    await start({});
    await deploy(sites(1));
    await account.sweep();
    const headers = { 'retry-after': '86400' };
    const from = now();
    account.ca.faults.add({ endpoint: 'newOrder', fault: { kind: 'answer', status: 503, headers, body: '<html>' } });
    await deploy(sites(2));
    await account.sweep();
    await deploy(sites(5));
    await account.live(6 * HOUR);
    const later = at('newOrder').filter((sent) => sent > from + MINUTE);
    expect(Math.min(...later)).toBeGreaterThanOrEqual(from + 3 * HOUR);
    expect(issued()).toHaveLength(4);
    await account.live(DAY, HOUR);
    expect(issued()).toHaveLength(5);
  });

  it('with a Retry-After of ten years is not waited for longer than eight days [D13]', async () => {
    await start({});
    const body = JSON.stringify({ type: 'urn:ietf:params:acme:error:rateLimited', detail: 'later', status: 429 });
    const headers = { 'content-type': 'application/problem+json', 'retry-after': '315360000' };
    account.ca.faults.add({ endpoint: 'newOrder', fault: { kind: 'answer', status: 429, headers, body } });
    await deploy(sites(1));
    await account.live(9 * DAY, 6 * HOUR);
    expect(issued()).toHaveLength(1);
    const [first = 0, second = 0] = at('newOrder');
    expect(second - first).toBeGreaterThanOrEqual(8 * DAY);
  });

  it('that pauses a name is told with the URL at which a person ends it, and costs one try a day [D14]', async () => {
    await start({});
    await deploy(sites(1));
    await account.sweep();
    const [{ account: url } = { account: '' }] = account.ca.journal.issued;
    account.ca.control.pause(url, 'paused.example.test');
    await deploy({ ...sites(1), site: ['paused.example.test'] });
    await account.live(3 * DAY - HOUR, HOUR);
    const [message] = account.sns.messages().filter(({ subject }) => subject?.includes('site: renewal fails'));
    expect(message?.message).toMatch(/A person must open https:\/\/\S+\/unpause/);
    expect(failuresTold(account)).toHaveLength(1);
    expect(at('newOrder')).toHaveLength(1 + 3);
    account.ca.control.unpause(url, 'paused.example.test');
    await account.live(2 * DAY, HOUR);
    await expectOracles(account, { domain: 'paused.example.test', issued: 1, told: 1 });
  });
});
