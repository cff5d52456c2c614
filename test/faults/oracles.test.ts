import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { VirtualAccount } from '../support/virtual-account.ts';
import { MINUTE, startVirtualAccount } from '../support/virtual-account.ts';
import { expectOracles, servedAt } from './oracles.ts';

let account: VirtualAccount;
beforeAll(async () => {
  account = await startVirtualAccount({ inProcess: {} });
});
afterAll(() => account.close());
beforeEach(() => account.ca.faults.clear());

/** What the oracles object to, or nothing. */
async function objection(outcome: Parameters<typeof expectOracles>[1]): Promise<string> {
  return expectOracles(account, outcome).then(
    () => '',
    (error: unknown) => String(error),
  );
}

describe('the oracles', () => {
  it('are content with a certificate that is issued, served and left alone', async () => {
    await account.deploy([account.declaration('good', ['good.example.test'])]);
    await account.sweep();
    await expectOracles(account, { domain: 'good.example.test', certificate: 'good', issued: 1 });
  });

  it('object to one certificate more or less than said', async () => {
    expect(await objection({ domain: 'good.example.test', certificate: 'good', issued: 2 })).toContain('issued for');
    expect(await objection({ domain: 'good.example.test', certificate: 'good', issued: 0 })).toContain('issued for');
  });

  it('object to a failure that nobody was told of, and to one told that was not to be', async () => {
    const certificate = 'told';
    const domain = 'told.example.test';
    await account.deploy([account.declaration(certificate, [domain])]);
    account.ca.faults.add({ endpoint: 'newOrder', fault: { kind: 'answer', status: 400, body: '{}' } });
    await account.sweep();
    expect(await objection({ domain, certificate, issued: 0 })).toContain('failures told');
    expect(await objection({ domain, certificate, issued: 0, told: 2 })).toContain('failures told');
    await expectOracles(account, { domain, certificate, issued: 0, told: 1 });
  });

  it('object to a TXT value that stays', async () => {
    const [zone] = account.route53.zones;
    const record = { name: '_acme-challenge.left.example.test', value: 'left', zoneId: zone?.id ?? '' };
    await account.ports.order.dns.publish([record]);
    expect(await objection({ domain: 'good.example.test', certificate: 'good', issued: 1 })).toContain('TXT');
    await account.ports.order.dns.remove([record]);
  });

  it('object to what ends earlier than what was served before', async () => {
    const before = await servedAt(account, 'good.example.test');
    if (before === 'nothing') throw new Error('nothing is served');
    const later = { ...before, notAfter: before.notAfter + MINUTE };
    expect(await objection({ domain: 'good.example.test', certificate: 'good', issued: 1, before: later })).toContain(
      'end of what is served',
    );
  });
});
