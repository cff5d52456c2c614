import { afterEach, describe, expect, it } from 'vitest';
import type { AcmTarget } from '../../lambdas/core/target-declaration.ts';
import type { VirtualAccount } from '../support/virtual-account.ts';
import { DAY, HOUR, MINUTE, startVirtualAccount } from '../support/virtual-account.ts';

let account: VirtualAccount;

afterEach(() => account.close());

/** An account with a certificate whose ACM target serves these distributions. */
async function setUp(probe: 'edge' | 'control-plane', deployMs?: number): Promise<readonly string[]> {
  account = await startVirtualAccount(deployMs === undefined ? {} : { distributionDeployMs: deployMs });
  const ids = [
    account.cloudFront.createDistribution(['www.example.test']),
    account.cloudFront.createDistribution(['shop.example.test']),
  ];
  const made = account.declaration('shop', ['www.example.test', 'shop.example.test']);
  const [target] = made.targets;
  if (target?.kind !== 'acm') throw new Error('a declaration has an ACM target');
  const served: AcmTarget = {
    ...target,
    region: 'us-east-1',
    distributions: ids,
    ...(probe === 'control-plane' && { probe }),
  };
  await account.deploy([{ ...made, targets: [served] }]);
  return ids;
}

const arnsServed = (ids: readonly string[]): readonly (string | undefined)[] =>
  ids.map((id) => account.cloudFront.config(id).ViewerCertificate?.ACMCertificateArn);

const updates = (): number => account.calls.made.filter(({ operation }) => operation === 'UpdateDistribution').length;

describe('A certificate whose ACM target names CloudFront distributions', () => {
  it('is given to each of them at its first issue, and proven by TLS', async () => {
    const ids = await setUp('edge');
    await account.sweep();
    const [target] = await account.targets('shop');
    expect(arnsServed(ids)).toEqual([target?.remoteId, target?.remoteId]);
    expect(target?.proven).toBe((await account.role('shop')).version);
  });

  it('is proven only when all are deployed, where no handshake can reach them', async () => {
    const ids = await setUp('control-plane', 10 * MINUTE);
    await account.sweep();
    const [target] = await account.targets('shop');
    expect(arnsServed(ids)).toEqual([target?.remoteId, target?.remoteId]);
    expect(target?.proven).toBe((await account.role('shop')).version);
    const changed = account.time.clock.now() - (target?.provenAt ?? 0);
    expect((target?.provenAt ?? 0) - (target?.pushedAt ?? 0)).toBeGreaterThanOrEqual(10 * MINUTE);
    expect(changed).toBeGreaterThanOrEqual(0);
  });

  it('changes no distribution when it is renewed, because its ARN stays', async () => {
    await setUp('edge');
    await account.sweep();
    expect(updates()).toBe(2);
    const { renewAt = 0, version } = await account.role('shop');
    await account.virtual.advance(renewAt - account.time.clock.now() + MINUTE);
    await account.sweep();
    expect((await account.role('shop')).version).not.toBe(version);
    expect(updates()).toBe(2);
  });

  it('is told once where a distribution never says that it is deployed [L35]', async () => {
    await setUp('control-plane', 300 * DAY);
    await account.live(6 * HOUR);
    const [target] = await account.targets('shop');
    expect(target?.proven).toBeUndefined();
    expect(target?.failure).toMatchObject({ class: 'person', code: 'notDeployed' });
    const told = account.sns.messages().filter(({ subject }) => /push/i.test(subject ?? ''));
    expect(told).toHaveLength(1);
  });

  it('keeps a distribution that somebody else changes from no other, and gets there at the next try [L34]', async () => {
    const ids = await setUp('edge');
    let left = 5;
    account.calls.plan = async (call, act) => {
      if (call.operation === 'UpdateDistribution' && left > 0) {
        left -= 1;
        account.cloudFront.touch(ids[0] ?? '', `change ${left}`);
      }
      return act();
    };
    await account.live(HOUR, 5 * MINUTE);
    const [target] = await account.targets('shop');
    expect(arnsServed(ids)).toEqual([target?.remoteId, target?.remoteId]);
    expect(account.acm.certificates()).toHaveLength(1);
    expect(account.cloudFront.config(ids[0] ?? '').Comment).toBe('change 0');
  });
});
