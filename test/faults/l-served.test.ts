import { afterEach, describe, expect, it } from 'vitest';
import { makeCertificate } from '../support/certificates.ts';
import type { VirtualAccount } from '../support/virtual-account.ts';
import { DAY, HOUR, MINUTE, startVirtualAccount } from '../support/virtual-account.ts';
import { expectOracles, failuresTold, servedAt } from './oracles.ts';
import { liveUntil } from './stage.ts';

let account: VirtualAccount;
afterEach(() => account.close());

const DOMAIN = 'example.test';
const now = () => account.virtual.clock.now();
const targetNow = async () => (await account.targets('site'))[0];
const importsSent = () => account.calls.made.filter(({ operation }) => operation === 'ImportCertificate').length;

async function issue(edgeLags = false): Promise<void> {
  account = await startVirtualAccount({ edgeLags });
  await account.deploy([account.declaration('site', [DOMAIN])]);
  await account.sweep();
}

/** Puts another certificate into the ARN that the target has, as a person may by hand. */
async function replaceByHand(days: { readonly since: number; readonly left: number }): Promise<void> {
  const [held] = account.acm.certificates();
  const made = await makeCertificate({
    domains: [DOMAIN],
    notBefore: new Date(now() - days.since * DAY),
    notAfter: new Date(now() + days.left * DAY),
  });
  await account.acm.call('ImportCertificate', {
    CertificateArn: held?.arn,
    Certificate: Buffer.from(made.leafPem),
    PrivateKey: Buffer.from(made.privateKeyPem),
    CertificateChain: Buffer.from(made.intermediatesPem),
  });
}

describe('a place that takes the new certificate', () => {
  it('and goes on serving the old one is probed for two hours, then told; nothing is imported again, and it ends by itself [L16]', async () => {
    await issue(true);
    account.edge.catchUp();
    await liveUntil(account, async () => (await targetNow())?.proven !== undefined, DAY);
    const before = await servedAt(account, DOMAIN);
    const { renewAt = 0 } = await account.role('site');
    await account.virtual.advance(renewAt - now() + MINUTE);
    const imports = importsSent();
    await account.sweep();
    await liveUntil(account, async () => (await targetNow())?.failure !== undefined, DAY);
    expect((await targetNow())?.failure).toMatchObject({ class: 'person', code: 'notServed' });
    expect(await servedAt(account, DOMAIN)).toEqual(before);
    expect(importsSent() - imports).toBe(1);
    account.edge.catchUp();
    await liveUntil(account, async () => (await targetNow())?.failure === undefined, 2 * DAY);
    expect(importsSent() - imports).toBe(1);
    await expectOracles(account, { domain: DOMAIN, issued: 2, told: 1, recovered: 1, before });
  });
});

describe('a certificate that somebody replaces in ACM', () => {
  it('by an older one is put back at the next proof, without an order [L26]', async () => {
    await issue();
    await replaceByHand({ since: 40, left: 50 });
    await liveUntil(account, () => importsSent() > 1, 8 * DAY);
    await expectOracles(account, { domain: DOMAIN, issued: 1 });
  });
});

describe('a place that serves something else than it was given', () => {
  it('is told at the next proof, and what it really serves decides how urgent that is [L26]', async () => {
    await issue(true);
    account.edge.catchUp();
    await liveUntil(account, async () => (await targetNow())?.proven !== undefined, DAY);
    const proven = (await targetNow())?.endsAt ?? 0;
    await replaceByHand({ since: 88, left: 9 });
    account.edge.catchUp();
    // The control plane says that all is well, and what is served never follows.
    await liveUntil(account, async () => (await targetNow())?.failure !== undefined, 9 * DAY);
    const target = await targetNow();
    expect(target?.failure).toMatchObject({ code: 'notServed' });
    expect(target?.endsAt).toBeLessThan(proven);
    expect(failuresTold(account)).toHaveLength(1);
    account.edge.catchUp();
    await liveUntil(account, async () => (await targetNow())?.failure === undefined, 2 * DAY);
    expect((await targetNow())?.endsAt).toBe(proven);
    await expectOracles(account, { domain: DOMAIN, issued: 1, told: 1, recovered: 1 });
  });
});

describe('an execution that is redriven long after its order has ended', () => {
  it.each(['poll-order', 'finalize-order'])(
    'finds out in %s what is so now, and touches nothing [L5]',
    async (state) => {
      const invoked: (() => Promise<unknown>)[] = [];
      account = await startVirtualAccount({
        around:
          (name, handler) =>
          (payload, ...rest) => {
            if (name === state) invoked.push(() => handler(payload, ...rest));
            return handler(payload, ...rest);
          },
      });
      await account.deploy([account.declaration('site', [DOMAIN])]);
      await account.sweep();
      await account.virtual.advance(30 * DAY);
      const before = await servedAt(account, DOMAIN);
      expect(invoked.length).toBeGreaterThan(0);
      const sent = account.ca.journal.requests.length;
      for (const again of invoked) expect(await again()).toMatchObject({ status: 'done' });
      expect(account.ca.journal.requests.length).toBe(sent);
      await account.virtual.advance(HOUR);
      await expectOracles(account, { domain: DOMAIN, issued: 1, before });
    },
  );
});
