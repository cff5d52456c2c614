import { afterEach, describe, expect, it } from 'vitest';
import { syncInventory } from '../../lambdas/steps/sync-inventory.ts';
import type { VirtualAccount } from '../support/virtual-account.ts';
import { DAY, HOUR, startVirtualAccount } from '../support/virtual-account.ts';

let account: VirtualAccount;
afterEach(() => account.close());

const DOMAINS = ['example.test'];
const now = () => account.virtual.clock.now();
const site = () => account.declaration('site', DOMAINS);
const told = () => account.sns.messages().filter(({ subject }) => subject?.includes('is not renewed'));
const until = (instant: number) => account.virtual.advance(instant - now());
const WHOLE_LIFE = 100 * DAY;

async function retired(): Promise<{ readonly notBefore: number; readonly notAfter: number }> {
  account = await startVirtualAccount();
  await account.deploy([site()]);
  await account.sweep();
  const { notBefore = 0, notAfter = 0 } = await account.role('site');
  await account.deploy([]);
  await account.sweep();
  return { notBefore, notAfter };
}

describe('A retired certificate', () => {
  it('is told once when a sixth of the life of what is still served is left, and ordered no more', async () => {
    const { notBefore, notAfter } = await retired();
    const telling = notAfter - (notAfter - notBefore) / 6;
    await until(telling - DAY);
    await account.sweep();
    expect(told()).toEqual([]);
    await until(telling + HOUR);
    await account.sweep();
    expect(told()).toHaveLength(1);
    expect(told()[0]?.message).toMatch(/"site".*127\.0\.0\.1.* still serves it[\s\S]*A person must act/);
    await account.live(20 * DAY, 5 * DAY);
    expect(told()).toHaveLength(1);
    expect(account.ca.journal.issued).toHaveLength(1);
    expect((await account.targets('site'))[0]).not.toHaveProperty('dueAt');
  });

  it('is looked at once a week until then', async () => {
    await retired();
    const [target] = await account.targets('site');
    expect(target).toMatchObject({ retired: true, target: { probe: { port: account.edge.port } } });
    expect(target?.dueAt).toBe(now() + 7 * DAY);
  });

  it('that something else has taken the place of is not told, and its watch ends with it', async () => {
    await retired();
    const [held] = account.acm.certificates();
    await account.acm.call('DeleteCertificate', { CertificateArn: held?.arn });
    await account.settleDown(WHOLE_LIFE);
    expect(told()).toEqual([]);
    expect((await account.targets('site'))[0]).not.toHaveProperty('dueAt');
  });

  it('that no handshake can reach counts as served while ACM says that something uses it', async () => {
    account = await startVirtualAccount();
    const targets = [{ id: 'acm', kind: 'acm', probe: 'control-plane' }] as const;
    const used = account.declaration('used', DOMAINS, { targets });
    await account.deploy([used, account.declaration('idle', ['idle.example.test'], { targets })]);
    await account.sweep();
    const held = account.acm.certificates().find(({ domains }) => domains.includes('example.test'));
    account.acm.setInUseBy(held?.arn ?? '', ['arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/x']);
    await account.deploy([]);
    await account.settleDown(WHOLE_LIFE);
    expect(told().map(({ subject }) => subject)).toEqual([expect.stringContaining('used')]);
  });

  it('that is declared again is renewed and watched as before', async () => {
    await retired();
    await account.deploy([site()]);
    await account.live(HOUR);
    expect((await account.targets('site'))[0]).not.toHaveProperty('retired');
    expect((await account.role('site')).dueAt).toBe((await account.role('site')).renewAt);
    expect(account.ca.journal.issued).toHaveLength(1);
  });
});

describe('A deployment that would retire everything', () => {
  it('is refused by name, and changes nothing', async () => {
    account = await startVirtualAccount();
    await account.deploy([site()]);
    await account.sweep();
    const before = await account.role('site');
    const ports = { table: account.ports.base.table, clock: account.virtual.clock };
    await expect(syncInventory([], ports)).rejects.toThrow(/: site\. Nothing was changed\. .*allowRetire: true/);
    expect(await account.role('site')).toEqual(before);
  });
});
