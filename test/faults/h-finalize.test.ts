import { afterEach, describe, expect, it } from 'vitest';
import { parseChain } from '../../lambdas/core/verify-certificate.ts';
import { nextDueAt } from '../support/next-due.ts';
import type { VirtualAccount } from '../support/virtual-account.ts';
import { DAY, HOUR, MINUTE, START, startVirtualAccount } from '../support/virtual-account.ts';
import { expectOracles } from './oracles.ts';
import { askedAt, changedJson, gapsOf, problemAnswer, urn } from './support.ts';

let account: VirtualAccount;
afterEach(() => account.close());

const DOMAIN = 'example.test';
const ALWAYS = Number.POSITIVE_INFINITY;
const now = () => account.virtual.clock.now();
const failureOf = async () => (await account.role('site')).failure;
const NOT_READY = (status: string) =>
  problemAnswer(403, 'orderNotReady', `Order's status ("${status}") is not acceptable for finalization`);

async function issue(): Promise<void> {
  await account.deploy([account.declaration('site', [DOMAIN])]);
  await account.sweep();
}

/** The order as the CA shows it is another for a while, once a finalize was sent. */
function showOrder(changes: Readonly<Record<string, unknown>>, until: () => boolean): void {
  account.ca.faults.add({
    endpoint: 'order',
    times: ALWAYS,
    when: () => account.ca.journal.count('finalize') > 0 && until(),
    fault: changedJson((body) => ({ ...body, ...changes })),
  });
}

describe('a finalize that is refused as orderNotReady', () => {
  it('while its order has gone back to pending leads back to the authorizations, and is sent again once it is ready [H1]', async () => {
    account = await startVirtualAccount();
    account.ca.faults.add({ endpoint: 'finalize', fault: NOT_READY('pending') });
    showOrder({ status: 'pending' }, () => now() < START + 5 * MINUTE);
    await issue();
    const reread = account.ca.journal.requests.filter(({ endpoint }) => endpoint === 'authorization');
    expect(reread.length).toBeGreaterThan(1);
    expect(account.ca.journal.count('finalize')).toBe(2);
    await expectOracles(account, { domain: DOMAIN, issued: 1 });
  });

  it('while its order reads pending for ever is never sent again: a new order is made when the old one has ended [H1]', async () => {
    account = await startVirtualAccount({}, { defaultProfile: 'tlsserver' });
    account.ca.faults.add({ endpoint: 'finalize', fault: NOT_READY('pending') });
    showOrder({ status: 'pending' }, () => account.ca.journal.count('newOrder') === 1);
    await issue();
    await account.live(12 * HOUR, HOUR);
    const [first = 0, second = 0] = askedAt(account, 'newOrder');
    expect(second - first).toBeGreaterThanOrEqual(8 * HOUR);
    expect(account.ca.journal.issued).toHaveLength(1);
    expect(account.ca.journal.count('finalize')).toBe(2);
  });

  it.each([
    ['H3', `Order's status ("processing") was not ready`],
    ['H21', 'Order was already processing. This may indicate your client finalized the same order multiple times'],
  ])('while its order is processing is polled to its end, whatever its words [H3, H21] (%s)', async (_id, detail) => {
    account = await startVirtualAccount({}, { finalize: { processingMs: 2 * MINUTE } });
    const { status, headers = {}, body = '' } = problemAnswer(403, 'orderNotReady', detail);
    account.ca.faults.add({ endpoint: 'finalize', fault: { kind: 'overwrite', status, headers, body } });
    await issue();
    expect(account.ca.journal.count('finalize')).toBe(1);
    await expectOracles(account, { domain: DOMAIN, issued: 1 });
  });

  it('while its order is invalid fails with the error of the order, and a new order follows by its class [H5]', async () => {
    account = await startVirtualAccount();
    account.ca.faults.add({ endpoint: 'finalize', fault: NOT_READY('invalid') });
    const error = { type: urn('unauthorized'), detail: 'Incorrect TXT record' };
    showOrder({ status: 'invalid', error }, () => account.ca.journal.count('newOrder') === 1);
    await issue();
    expect(await failureOf()).toMatchObject({ class: 'reorder', code: 'unauthorized' });
    await account.settleDown(HOUR);
    expect(account.ca.journal.count('newOrder')).toBe(2);
    await expectOracles(account, { domain: DOMAIN, issued: 1, told: 1 });
  });
});

describe('a CSR', () => {
  it.each([
    ['badCSR', 400, 'H8'],
    ['unauthorized', 403, 'H9'],
    ['malformed', 400, 'H9'],
    ['badPublicKey', 400, 'H10'],
  ])(
    'that is refused as %s is told as a bug, and an hour later the same order gets one with a new key [H8, H9, H10]',
    async (type, status) => {
      account = await startVirtualAccount();
      account.ca.faults.add({ endpoint: 'finalize', fault: problemAnswer(status, type, 'this CSR will not do') });
      await issue();
      expect(await failureOf()).toMatchObject({ class: 'bug', code: type });
      const refused = (await account.slot([DOMAIN]))?.order?.replacedKeys[0]?.csr;
      await account.settleDown(2 * HOUR);
      expect(gapsOf(askedAt(account, 'finalize'))[0]).toBeGreaterThanOrEqual(HOUR);
      const csrs = account.ca.journal.requests
        .filter(({ endpoint }) => endpoint === 'finalize')
        .map(({ payload }) => payload);
      expect(refused).toBeDefined();
      expect(new Set(csrs).size).toBe(csrs.length);
      expect(account.ca.journal.count('newOrder')).toBe(1);
      await expectOracles(account, { domain: DOMAIN, issued: 1, told: 1 });
    },
  );

  it('asks for its names and for nothing else [H11]', async () => {
    account = await startVirtualAccount();
    await issue();
    const [payload = '{}'] = account.ca.journal.requests.flatMap(({ endpoint, payload: sent }) =>
      endpoint === 'finalize' && sent !== undefined ? [sent] : [],
    );
    const { csr } = JSON.parse(payload);
    const der = Buffer.from(String(csr), 'base64url').toString('hex');
    // id-pe-tlsfeature (RFC 7633), 1.3.6.1.5.5.7.1.24: what must-staple is.
    expect(der).not.toContain('06082b06010505070118');
    // id-ce-subjectAltName, 2.5.29.17: what is asked for.
    expect(der).toContain('0603551d11');
    await expectOracles(account, { domain: DOMAIN, issued: 1 });
  });
});

describe('an order', () => {
  /** Sweeps whenever something is due, until then. */
  const liveUntil = async (isOver: () => boolean): Promise<void> => {
    for (let sweep = 0; sweep < 40 && !isOver(); sweep += 1) {
      await account.virtual.advance(Math.max(0, (await nextDueAt(account.ports.base.table)) - now()) + 1);
      await account.sweep();
    }
  };

  it('that has expired before it could be finalized is 404, and a new one is made [H13]', async () => {
    account = await startVirtualAccount({}, { habits: { forgetExpiredOrders: true } });
    account.ca.faults.add({
      endpoint: 'finalize',
      times: ALWAYS,
      when: () => account.ca.journal.count('newOrder') === 1,
      fault: problemAnswer(429, 'rateLimited', 'busy', { headers: { 'Retry-After': '700000' } }),
    });
    await issue();
    await liveUntil(() => account.ca.journal.issued.length > 0);
    expect(account.ca.journal.requests.some(({ endpoint, status }) => endpoint === 'order' && status === 404)).toBe(
      true,
    );
    expect(account.ca.control.orders()).toHaveLength(2);
    expect(account.ca.journal.issued).toHaveLength(1);
    expect(account.txtValues()).toEqual([]);
  });

  it('whose CA asks for a wait beyond its end is finalized shortly before that [H17]', async () => {
    account = await startVirtualAccount();
    account.ca.faults.add({
      endpoint: 'finalize',
      fault: problemAnswer(429, 'rateLimited', 'busy', { headers: { 'Retry-After': '700000' } }),
    });
    await issue();
    await liveUntil(() => account.ca.journal.issued.length > 0);
    expect(account.ca.journal.count('newOrder')).toBe(1);
    await expectOracles(account, { domain: DOMAIN, issued: 1, told: 1 });
  });

  it('that the CA leaves processing is told an hour after it was made, and no second one is made [H14]', async () => {
    account = await startVirtualAccount({}, { finalize: { processingMs: 3 * HOUR } });
    await account.deploy([account.declaration('site', [DOMAIN])]);
    await account.live(65 * MINUTE, 5 * MINUTE);
    expect(await failureOf()).toMatchObject({ class: 'caSide', code: 'orderSlow' });
    await account.live(3 * HOUR);
    expect(account.ca.journal.count('newOrder')).toBe(1);
    expect(account.ca.journal.count('finalize')).toBe(1);
    await expectOracles(account, { domain: DOMAIN, issued: 1, told: 1 });
  }, 180_000);

  it('whose finalize answer has no Location is polled where newOrder said it is [H15]', async () => {
    account = await startVirtualAccount({}, { finalize: { location: false, processingMs: MINUTE } });
    await issue();
    await expectOracles(account, { domain: DOMAIN, issued: 1 });
  });

  it('that is valid in the answer of finalize is not polled any more [H16]', async () => {
    account = await startVirtualAccount();
    await issue();
    const [finalized = 0] = askedAt(account, 'finalize');
    expect(askedAt(account, 'order').filter((at) => at > finalized)).toEqual([]);
    await expectOracles(account, { domain: DOMAIN, issued: 1 });
  });

  it('whose finalize is limited is finalized when the CA says, without a failure [H17]', async () => {
    account = await startVirtualAccount();
    account.ca.faults.add({
      endpoint: 'finalize',
      fault: problemAnswer(429, 'rateLimited', 'slow down', { headers: { 'Retry-After': '1200' } }),
    });
    await issue();
    expect(gapsOf(askedAt(account, 'finalize'))[0]).toBeGreaterThanOrEqual(20 * MINUTE);
    expect(account.ca.journal.count('newOrder')).toBe(1);
    await expectOracles(account, { domain: DOMAIN, issued: 1 });
  });

  it('whose step died after its finalize intent is read before anything else [H18]', async () => {
    account = await startVirtualAccount();
    let killed = 0;
    account.calls.plan = async (call, act) => {
      const answer = await act();
      const isSent = account.ca.journal.count('finalize') === 1 && call.service === 'acme';
      if (!isSent || killed > 0) return answer;
      killed = account.ca.journal.requests.length;
      return account.calls.kill();
    };
    await issue();
    await account.settleDown(HOUR);
    const next = account.ca.journal.requests
      .slice(killed)
      .find(({ endpoint }) => !endpoint.startsWith('new') && endpoint !== 'directory');
    expect(next?.endpoint).toBe('order');
    expect(account.ca.journal.count('finalize')).toBe(1);
    await expectOracles(account, { domain: DOMAIN, issued: 1, told: 1 });
  });

  it("that ends in the CA's own error counts as the CA's, and names what the CA said of each name [H19]", async () => {
    account = await startVirtualAccount();
    const problem = {
      type: urn('serverInternal'),
      detail: 'Unable to meet CA SCT embedding requirements',
      status: 500,
      subproblems: [{ type: urn('serverInternal'), detail: 'lint failed', identifier: { type: 'dns', value: DOMAIN } }],
    };
    account.ca.faults.add({ endpoint: 'finalize', fault: { kind: 'failOrder', problem } });
    await issue();
    expect(await failureOf()).toMatchObject({ class: 'caSide', code: 'serverInternal' });
    expect((await failureOf())?.message).toContain('lint failed');
    await account.settleDown(HOUR);
    await expectOracles(account, { domain: DOMAIN, issued: 1, told: 1 });
  });

  it('that is processing for ten minutes and says so now in seconds, now as a date, is polled to its end [H22]', async () => {
    account = await startVirtualAccount(
      {},
      { finalize: { processingMs: 10 * MINUTE }, retryAfter: { order: 20, form: 'either' } },
    );
    account.ca.faults.add({ endpoint: 'finalize', fault: { kind: 'lose' } });
    await issue();
    expect(account.ca.journal.count('finalize')).toBe(1);
    expect(account.ca.journal.count('newOrder')).toBe(1);
    await expectOracles(account, { domain: DOMAIN, issued: 1 });
  });

  it.each([
    ['500 with a problem', { status: 500, body: JSON.stringify({ type: urn('serverInternal'), detail: 'oops' }) }],
    ['502 without a body', { status: 502, body: '' }],
    ['200 without a body', { status: 200, body: '' }],
    ['200 with a web page', { status: 200, body: '<html>ok</html>' }],
  ])(
    'whose finalize is answered %s after it has worked is read, and its certificate collected [H23]',
    async (_what, answer) => {
      account = await startVirtualAccount();
      account.ca.faults.add({ endpoint: 'finalize', fault: { kind: 'overwrite', ...answer } });
      await issue();
      expect(account.ca.journal.count('finalize')).toBe(1);
      await expectOracles(account, { domain: DOMAIN, issued: 1 });
    },
  );
});

describe('an order that is invalid', () => {
  const endAs = (error: object | undefined): void =>
    void account.ca.faults.add({
      endpoint: 'order',
      times: ALWAYS,
      when: () => account.ca.journal.count('newOrder') === 1,
      fault: changedJson((body) => ({ ...body, status: 'invalid', error })),
    });

  it('without an error is explained by its authorizations [H24]', async () => {
    account = await startVirtualAccount();
    endAs(undefined);
    await issue();
    expect(await failureOf()).toMatchObject({ class: 'reorder', code: 'orderInvalid' });
    await account.settleDown(HOUR);
    await expectOracles(account, { domain: DOMAIN, issued: 1, told: 1 });
  });

  it('for a rate limit is parked for an hour where the CA says no more [H24]', async () => {
    account = await startVirtualAccount();
    endAs({ type: urn('rateLimited'), detail: 'too many certificates' });
    await issue();
    expect(await failureOf()).toMatchObject({ class: 'later', code: 'rateLimited' });
    await account.settleDown(2 * HOUR);
    expect(gapsOf(askedAt(account, 'newOrder'))[0]).toBeGreaterThanOrEqual(HOUR);
    await expectOracles(account, { domain: DOMAIN, issued: 1, told: 1 });
  });

  it('for several reasons is told with every name [H24]', async () => {
    account = await startVirtualAccount();
    const subproblems = ['a.example.test', 'b.example.test'].map((value) => ({
      type: urn('caa'),
      detail: 'forbidden',
      identifier: { type: 'dns', value },
    }));
    endAs({ type: urn('compound'), detail: 'several', subproblems });
    await issue();
    expect((await failureOf())?.message).toMatch(/a\.example\.test.*b\.example\.test/);
    await account.live(2 * DAY, 3 * HOUR);
    await expectOracles(account, { domain: DOMAIN, issued: 1, told: 1 });
  });
});

describe('what was issued', () => {
  it('is one chain under the stored key [H16]', async () => {
    account = await startVirtualAccount();
    await issue();
    const [version] = await account.versions('site');
    const [certificate] = account.ca.control.certificates();
    expect(
      parseChain(certificate?.chainPem ?? '')[0]
        ?.fingerprint256.replaceAll(':', '')
        .toLowerCase(),
    ).toBe(version);
  });
});
