import { afterEach, describe, expect, it } from 'vitest';
import { LETS_ENCRYPT_LIMITS } from '../../local/ca/rate-limits.ts';
import { nextDueAt } from '../support/next-due.ts';
import type { VirtualAccount } from '../support/virtual-account.ts';
import { DAY, HOUR, MINUTE, START, startVirtualAccount } from '../support/virtual-account.ts';
import { expectOracles } from './oracles.ts';
import { askedAt, changedChallenges, changedJson, gapsOf, problemAnswer, urn } from './support.ts';

let account: VirtualAccount;
afterEach(() => account.close());

const DOMAIN = 'example.test';
const ALWAYS = Number.POSITIVE_INFINITY;
const now = () => account.virtual.clock.now();
const failureOf = async () => (await account.role('site')).failure;

async function issue(...domains: readonly string[]): Promise<void> {
  await account.deploy([account.declaration('site', domains)]);
  await account.sweep();
}

/** Something that happens each time before the CA acts on a request. */
function beforeAnswer(endpoint: 'challenge' | 'order', happen: () => void): void {
  const when = (): boolean => {
    happen();
    return false;
  };
  account.ca.faults.add({ endpoint, fault: { kind: 'refuse' }, times: ALWAYS, when });
}

/** The first order ends as a failed validation does: the order invalid, the reason on its challenges. */
function failFirstOrder(problem: { readonly type: string; readonly detail: string }): void {
  let first: string | undefined;
  const isFirst = ({ url }: { url: string }): boolean => {
    first ??= url;
    return url === first;
  };
  const error = { type: urn(problem.type), detail: problem.detail };
  account.ca.faults.add({
    endpoint: 'order',
    times: ALWAYS,
    when: isFirst,
    fault: changedJson((body) => ({ ...body, status: 'invalid' })),
  });
  account.ca.faults.add({
    endpoint: 'authorization',
    times: ALWAYS,
    when: () => first !== undefined && account.ca.journal.count('newOrder') === 1,
    fault: changedChallenges((challenge) => ({ ...challenge, status: 'invalid', error })),
  });
}

describe('a challenge', () => {
  it('is answered with an empty object and nothing else [G1]', async () => {
    account = await startVirtualAccount();
    await issue(DOMAIN, '*.example.test');
    const bodies = account.ca.journal.requests
      .filter(({ endpoint, payload }) => endpoint === 'challenge' && payload !== '')
      .map(({ payload }) => payload);
    expect(bodies).toEqual(['{}', '{}']);
    await expectOracles(account, { domain: DOMAIN, issued: 1 });
  });

  it('of a status that nobody knows is not yet answered: it is read again [G9]', async () => {
    account = await startVirtualAccount();
    account.ca.faults.add({
      endpoint: 'authorization',
      times: ALWAYS,
      when: () => now() < START + 10 * MINUTE,
      fault: changedJson((body) => ({ ...body, status: 'deferred' })),
    });
    await issue(DOMAIN);
    await account.settleDown(HOUR);
    expect(account.ca.journal.count('newOrder')).toBe(1);
    await expectOracles(account, { domain: DOMAIN, issued: 1 });
  });

  it('of a status that nobody knows is waited for until the authorization ends, then a new order is made [G9]', async () => {
    account = await startVirtualAccount({}, { defaultProfile: 'tlsserver' });
    account.ca.faults.add({
      endpoint: 'order',
      times: ALWAYS,
      when: () => account.ca.journal.count('newOrder') === 1,
      fault: changedJson((body) => ({ ...body, status: 'deferred' })),
    });
    await issue(DOMAIN);
    await account.live(10 * HOUR, 30 * MINUTE);
    const [first = 0, second = 0] = askedAt(account, 'newOrder');
    expect(second - first).toBeGreaterThanOrEqual(8 * HOUR);
    expect(account.ca.journal.issued).toHaveLength(1);
  });

  it('whose validation takes fifteen seconds is waited for in the step, then in the machine [G10]', async () => {
    account = await startVirtualAccount({}, { validationMs: 15_000 });
    await issue(DOMAIN);
    await expectOracles(account, { domain: DOMAIN, issued: 1 });
    expect(
      account.interpreter.executions.flatMap(({ events }) => events).some(({ state }) => state === 'WaitForCa'),
    ).toBe(true);
  });
});

describe('a validation that fails', () => {
  it.each([
    ['a wrong TXT value', 'unauthorized', 'Incorrect TXT record "x" found at _acme-challenge.example.test', 'G2'],
    ['no such name', 'dns', 'NXDOMAIN looking up TXT for _acme-challenge.example.test', 'G2'],
    ['a connection', 'connection', 'Timeout during connect', 'G3'],
    ['a handshake', 'tls', 'remote error', 'G3'],
  ])(
    'for %s is told with what the CA saw, and tried again no sooner than 12 minutes later [G2, G3]',
    async (_what, type, detail) => {
      account = await startVirtualAccount();
      failFirstOrder({ type, detail });
      await issue(DOMAIN);
      expect(await failureOf()).toMatchObject({ class: 'reorder', code: type });
      expect((await failureOf())?.message).toContain(`${DOMAIN}: ${detail}`);
      await account.settleDown(HOUR);
      expect(gapsOf(askedAt(account, 'newOrder'))[0]).toBeGreaterThanOrEqual(12 * MINUTE);
      await expectOracles(account, { domain: DOMAIN, issued: 1, told: 1 });
    },
  );

  it('for CAA is told to a person and tried once a day [G3]', async () => {
    account = await startVirtualAccount();
    failFirstOrder({ type: 'caa', detail: 'CAA record for example.test prevents issuance' });
    await issue(DOMAIN);
    expect(await failureOf()).toMatchObject({ class: 'person', code: 'caa' });
    await account.live(2 * DAY, 2 * HOUR);
    await expectOracles(account, { domain: DOMAIN, issued: 1, told: 1 });
  });

  it("for the CA's own fault counts as the CA's [G3]", async () => {
    account = await startVirtualAccount();
    failFirstOrder({ type: 'serverInternal', detail: 'Remote PerformValidation RPC failed' });
    await issue(DOMAIN);
    expect(await failureOf()).toMatchObject({ class: 'caSide' });
    await account.settleDown(HOUR);
    await expectOracles(account, { domain: DOMAIN, issued: 1, told: 1 });
  });

  it('at another vantage point is tried again after 12 minutes, with five more minutes of patience for DNS [G4]', async () => {
    account = await startVirtualAccount();
    failFirstOrder({ type: 'unauthorized', detail: 'During secondary validation: Incorrect TXT record' });
    await issue(DOMAIN);
    await account.settleDown(HOUR);
    const [, second = 0] = askedAt(account, 'newOrder');
    const answers = askedAt(account, 'challenge').filter((at) => at > second);
    expect(second - START).toBeGreaterThanOrEqual(12 * MINUTE);
    expect(Math.min(...answers) - second).toBeGreaterThanOrEqual(5 * MINUTE);
    await expectOracles(account, { domain: DOMAIN, issued: 1, told: 1 });
  });

  it('for one name of three names it, and leaves no TXT value of any [G6]', async () => {
    account = await startVirtualAccount();
    beforeAnswer('challenge', () => account.dns.faults.set('_acme-challenge.b.example.test', { kind: 'servfail' }));
    await issue('a.example.test', 'b.example.test', 'c.example.test');
    expect((await failureOf())?.message).toContain('b.example.test:');
    expect((await failureOf())?.message).not.toContain('a.example.test:');
    expect(account.txtValues()).toEqual([]);
    account.ca.faults.clear();
    account.dns.faults.clear();
    await account.settleDown(HOUR);
    await expectOracles(account, { domain: 'b.example.test', issued: 1, told: 1 });
  });

  it('for hours never meets the limit of failed authorizations: the next order waits for it [G11]', async () => {
    account = await startVirtualAccount({}, { limits: LETS_ENCRYPT_LIMITS, checkCaa: false });
    beforeAnswer('challenge', () => account.dns.faults.set('*', { kind: 'servfail' }));
    beforeAnswer('order', () => account.dns.faults.clear());
    await issue(DOMAIN);
    await account.live(6 * HOUR, 15 * MINUTE);
    expect(account.ca.journal.count('challenge')).toBeGreaterThan(2);
    expect(account.ca.journal.limited).toEqual([]);
    account.ca.faults.clear();
    await account.live(DAY, 2 * HOUR);
    await expectOracles(account, { domain: DOMAIN, issued: 1, told: 1 });
  });
});

describe('a validation that never ends', () => {
  it.each(['pending', 'processing'])(
    'and stays %s is given up shortly before its authorization ends [G5]',
    async (status) => {
      account = await startVirtualAccount({}, { defaultProfile: 'tlsserver', validationMs: 100 * DAY });
      account.ca.faults.add({
        endpoint: 'authorization',
        times: ALWAYS,
        fault: changedChallenges((challenge) => ({ ...challenge, status })),
      });
      await issue(DOMAIN);
      await account.live(2 * HOUR);
      const [first = 0, second = 0] = askedAt(account, 'newOrder');
      expect(second - first).toBeGreaterThanOrEqual(58 * MINUTE);
      expect(second - first).toBeLessThan(75 * MINUTE);
      expect(account.ca.journal.limited).toEqual([]);
      expect(account.ca.journal.issued).toEqual([]);
    },
  );
});

describe('a poll', () => {
  it.each([
    ['429 with Retry-After', problemAnswer(429, 'rateLimited', 'slow down', { headers: { 'Retry-After': '90' } })],
    ['429 without', problemAnswer(429, 'rateLimited', 'slow down')],
    ['503 without Retry-After', { kind: 'answer', status: 503, body: '<html>busy</html>' } as const],
  ])('that is answered %s is waited for: no failure, and the TXT value stays [G7]', async (_what, fault) => {
    account = await startVirtualAccount();
    account.ca.faults.add({ endpoint: 'order', fault, times: 2 });
    await issue(DOMAIN);
    expect(account.ca.journal.count('newOrder')).toBe(1);
    await expectOracles(account, { domain: DOMAIN, issued: 1 });
  });

  it('that is answered 500 is repeated by the step [G7]', async () => {
    account = await startVirtualAccount();
    account.ca.faults.add({ endpoint: 'order', fault: problemAnswer(500, 'serverInternal', 'oops'), times: 2 });
    await issue(DOMAIN);
    await account.settleDown(HOUR);
    expect(account.ca.journal.count('newOrder')).toBe(1);
    expect(account.ca.journal.issued).toHaveLength(1);
  });

  it('that is answered 404 for good leads to a new order [G7]', async () => {
    account = await startVirtualAccount();
    let first: string | undefined;
    account.ca.faults.add({
      endpoint: 'order',
      times: ALWAYS,
      when: ({ url }) => {
        first ??= url;
        return url === first;
      },
      fault: problemAnswer(404, 'malformed', 'No order for ID'),
    });
    await issue(DOMAIN);
    await account.live(2 * HOUR);
    expect(account.ca.journal.count('newOrder')).toBe(2);
    await expectOracles(account, { domain: DOMAIN, issued: 1, told: 1 });
  });

  it.each([
    ['absent', undefined, 2_000, 20_000],
    ['0', '0', 2_000, 20_000],
    ['a date two minutes on', 'date', 2 * MINUTE, 3 * MINUTE],
    ['an hour', '3600', HOUR, HOUR + 16 * MINUTE],
    ['ten days, beyond the life of the authorization', '864000', DAY, 7 * DAY],
  ])('whose Retry-After is %s is made again when it should be [G8]', async (_what, header, least, most) => {
    account = await startVirtualAccount({}, { validationMs: 1_000 });
    account.ca.faults.add({
      endpoint: 'order',
      fault: {
        kind: 'rewrite',
        change: (answer) => {
          const value = header === 'date' ? new Date(now() + 2 * MINUTE + 999).toUTCString() : header;
          const { 'Retry-After': _own, ...headers } = answer.headers;
          const body = answer.body.replace('"ready"', '"pending"');
          return { ...answer, body, headers: { ...headers, ...(value === undefined ? {} : { 'Retry-After': value }) } };
        },
      },
    });
    await account.deploy([account.declaration('site', [DOMAIN])]);
    await account.sweep();
    while (askedAt(account, 'order').length < 2) {
      await account.virtual.advance((await nextDueAt(account.ports.base.table)) - now() + 1);
      await account.sweep();
    }
    const [gap = 0] = gapsOf(askedAt(account, 'order'));
    expect(gap).toBeGreaterThanOrEqual(least);
    expect(gap).toBeLessThanOrEqual(most);
    expect(account.ca.journal.count('newOrder')).toBe(1);
  });
});
