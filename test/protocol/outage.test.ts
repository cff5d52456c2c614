import { afterEach, describe, expect, it } from 'vitest';
import { BOULDER_HABITS } from '../../local/ca/habits.ts';
import { startDnsServer } from '../../local/dns/server.ts';
import { staticSource, staticZone } from '../../local/dns/zone-data.ts';
import type { VirtualAccount } from '../support/virtual-account.ts';
import { DAY, HOUR, MINUTE, START, startVirtualAccount } from '../support/virtual-account.ts';

let account: VirtualAccount;
afterEach(() => account.close());

const DOMAINS = ['example.test'];
const NOT_READY = {
  status: 403,
  headers: { 'content-type': 'application/problem+json' },
  body: JSON.stringify({
    type: 'urn:ietf:params:acme:error:orderNotReady',
    detail: `Order's status ("valid") is not acceptable for finalization`,
    status: 403,
  }),
};

async function deployAndLive(hours: number): Promise<void> {
  await account.deploy([account.declaration('site', DOMAINS)]);
  await account.live(hours * HOUR);
}

async function expectIssuedOnce(): Promise<void> {
  expect(account.ca.journal.issued).toHaveLength(1);
  expect(account.ca.journal.count('newOrder')).toBe(1);
  const role = await account.role('site');
  expect((await account.targets('site'))[0]?.proven).toBe(role.version);
  expect(account.txtValues()).toEqual([]);
  expect(account.sns.messages().filter(({ subject }) => subject?.includes('fails'))).toEqual([]);
}

describe('a finalize', () => {
  it('whose answer is lost although the order became valid, then refused as orderNotReady, costs nothing [H6]', async () => {
    account = await startVirtualAccount({}, { habits: BOULDER_HABITS });
    account.ca.faults.add({ endpoint: 'finalize', fault: { kind: 'lose' } });
    await deployAndLive(1);
    await expectIssuedOnce();
    expect(account.ca.journal.count('finalize')).toBe(1);
  });

  it('that is answered 403 orderNotReady by an order that is valid leads to its certificate [H4]', async () => {
    account = await startVirtualAccount();
    account.ca.faults.add({ endpoint: 'finalize', fault: { kind: 'overwrite', ...NOT_READY } });
    await deployAndLive(1);
    await expectIssuedOnce();
    expect(account.ca.journal.count('finalize')).toBe(1);
  });

  it('that is answered 403 orderNotReady by an order that is ready is sent again, once its first cannot arrive any more [H2]', async () => {
    account = await startVirtualAccount();
    account.ca.faults.add({ endpoint: 'finalize', fault: { kind: 'answer', ...NOT_READY } });
    await deployAndLive(1);
    await expectIssuedOnce();
    const [first, second] = account.ca.journal.requests.filter(({ endpoint }) => endpoint === 'finalize');
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(10_000);
  });

  it('that never arrives is sent again 10 seconds after it could have been sent, and not before [H6]', async () => {
    account = await startVirtualAccount();
    account.ca.faults.add({ endpoint: 'finalize', fault: { kind: 'refuse' } });
    await deployAndLive(1);
    await expectIssuedOnce();
    const [first, second] = account.ca.journal.requests.filter(({ endpoint }) => endpoint === 'finalize');
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(40_000);
  });

  it.each([500, 502, 503, 504])(
    'that is answered %d after the CA has acted leads to the certificate [H7, H23]',
    async (status) => {
      account = await startVirtualAccount();
      account.ca.faults.add({ endpoint: 'finalize', fault: { kind: 'overwrite', status, body: '<html>oops</html>' } });
      await deployAndLive(1);
      await expectIssuedOnce();
    },
  );

  it('that is answered 200 with a body that cannot be parsed leads to the certificate [H23]', async () => {
    account = await startVirtualAccount();
    account.ca.faults.add({ endpoint: 'finalize', fault: { kind: 'corrupt' } });
    await deployAndLive(1);
    await expectIssuedOnce();
  });

  it('that takes the CA ten minutes is waited for without a second order [H22]', async () => {
    account = await startVirtualAccount({}, { finalize: { processingMs: 10 * MINUTE } });
    await deployAndLive(1);
    await expectIssuedOnce();
    expect(account.ca.journal.count('finalize')).toBe(1);
  });

  it('that takes the CA hours parks the run, with its DNS records and its try given back [H14]', async () => {
    account = await startVirtualAccount({}, { finalize: { processingMs: 5 * HOUR } });
    await deployAndLive(0.9);
    const parked = account.interpreter.executions.find(({ events }) => events.some(({ state }) => state === 'Parked'));
    expect(parked).toBeDefined();
    const role = await account.role('site');
    expect(role.failure).toBeUndefined();
    expect(role.tries).toBeLessThanOrEqual(1);
    expect(account.txtValues()).not.toEqual([]);
    await account.live(7 * HOUR);
    expect(account.ca.journal.count('newOrder')).toBe(1);
    expect(account.ca.journal.issued).toHaveLength(1);
    expect(account.txtValues()).toEqual([]);
  }, 180_000);

  it('whose certificate was made for another key is quarantined and never served [H20, I2]', async () => {
    account = await startVirtualAccount();
    const other = (await account.ports.order.vault.create('ecdsa-p256', { purpose: 'test' })).pem;
    const foreign = await account.ports.order.createCsr(DOMAINS, other);
    account.ports.order.acme.open = swapCsr(account.ports.order.acme.open, foreign);
    await deployAndLive(0.25);
    const role = await account.role('site');
    expect(role.version).toBeUndefined();
    expect(role.failure).toMatchObject({ class: 'bug', code: 'certificateRefused' });
    expect(account.acm.certificates()).toEqual([]);
    expect(await account.versions('site')).toHaveLength(1);
  });
});

/** Sends another CSR than the stored one, once: what a second run that works on the order would do. */
function swapCsr(open: VirtualAccount['ports']['order']['acme']['open'], csr: string): typeof open {
  return (sessionAccount, deadline) => {
    const session = open(sessionAccount, deadline);
    return { ...session, finalize: (order, _csr, sendBefore) => session.finalize(order, csr, sendBefore) };
  };
}

describe('newOrder', () => {
  it('whose answer is lost is sent again, and only one of the two orders is finalized', async () => {
    account = await startVirtualAccount();
    account.ca.faults.add({ endpoint: 'newOrder', fault: { kind: 'lose' } });
    await deployAndLive(2);
    expect(account.ca.journal.issued).toHaveLength(1);
    expect(account.ca.journal.count('newOrder')).toBe(2);
    expect(account.txtValues()).toEqual([]);
  });

  it('that is refused for a rate limit is not sent before its Retry-After', async () => {
    account = await startVirtualAccount();
    const limited = {
      status: 429,
      headers: { 'retry-after': '7200', 'content-type': 'application/problem+json' },
      body: JSON.stringify({ type: 'urn:ietf:params:acme:error:rateLimited', detail: 'too many' }),
    };
    account.ca.faults.add({ endpoint: 'newOrder', fault: { kind: 'answer', ...limited } });
    await deployAndLive(4);
    const [first, second] = account.ca.journal.requests.filter(({ endpoint }) => endpoint === 'newOrder');
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(2 * HOUR);
    expect(account.ca.journal.issued).toHaveLength(1);
  });

  it('is sent at most six times a day for one set of names', async () => {
    account = await startVirtualAccount();
    account.ca.faults.add({
      endpoint: 'challenge',
      fault: { kind: 'answer', status: 400, body: '{}' },
      times: Number.POSITIVE_INFINITY,
    });
    account.ca.faults.add({
      endpoint: 'order',
      fault: { kind: 'answer', status: 404, body: '{}' },
      times: Number.POSITIVE_INFINITY,
    });
    await account.deploy([account.declaration('site', DOMAINS)]);
    await account.live(DAY, 30 * MINUTE);
    expect(account.ca.journal.count('newOrder')).toBeLessThanOrEqual(6);
  });
});

describe('a validation', () => {
  it('that fails is told with what the CA saw and tried again no sooner than 12 minutes later', async () => {
    const blind = await startDnsServer({
      source: staticSource([staticZone('example.test', ['ns.example.test'])]),
      scope: 'everything',
    });
    try {
      account = await startVirtualAccount({}, { resolver: blind.address });
      await deployAndLive(1);
      const { failure } = await account.role('site');
      expect(failure?.class).toBe('reorder');
      expect(failure?.message).toContain('example.test');
      const [first, second] = account.ca.journal.requests.filter(({ endpoint }) => endpoint === 'newOrder');
      expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(12 * MINUTE);
      expect(account.txtValues()).toEqual([]);
      expect(account.sns.messages()).toHaveLength(1);
    } finally {
      await blind.close();
    }
  });

  it('is not asked for while a name server does not show the value; after 30 minutes that server is named [F26]', async () => {
    account = await startVirtualAccount();
    account.dns.faults.set('_acme-challenge.example.test', { kind: 'lag', until: START + 10 * DAY });
    await deployAndLive(1);
    expect(account.ca.journal.count('challenge')).toBe(0);
    const { failure } = await account.role('site');
    expect(failure).toMatchObject({ code: 'dnsNotPropagated' });
    expect(failure?.message).toContain('ns-');
    account.dns.faults.clear();
    await account.live(4 * HOUR);
    expect(account.ca.journal.issued).toHaveLength(1);
    expect(account.sns.messages().map(({ subject }) => subject)).toContain('Perennial: site has recovered');
  });
});
