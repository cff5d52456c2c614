import { afterEach, describe, expect, it } from 'vitest';
import type { RoleRow } from '../../lambdas/core/rows.ts';
import type { VirtualAccount } from '../support/virtual-account.ts';
import { DAY, startVirtualAccount } from '../support/virtual-account.ts';

const ROLE = { roleArn: 'arn:aws:iam::210987654321:role/dns', externalId: 'perennial-42' };
const DOMAINS = ['shop.elsewhere.test', 'example.test'];

let account: VirtualAccount;
afterEach(() => account.close());

async function start(): Promise<void> {
  account = await startVirtualAccount({ foreignZones: [{ name: 'elsewhere.test', role: ROLE }] });
  await account.deploy([account.declaration('site', DOMAINS)]);
}

function callsOf(service: string): number {
  return account.calls.made.filter((call) => call.service === service).length;
}

function valuesElsewhere(): readonly string[] {
  const sets = account.others.route53.flatMap(({ zones }) => zones.flatMap((zone) => [...zone.sets.values()]));
  return sets.filter(({ type }) => type === 'TXT').flatMap(({ values }) => values);
}

async function failure(): Promise<NonNullable<RoleRow['failure']>> {
  const { failure: found } = await account.role('site');
  if (found === undefined) throw new Error('the renewal has not failed');
  return found;
}

describe('a zone that another account has', () => {
  it('gets its challenges through the declared role, beside zones of this account, and is clean afterwards', async () => {
    await start();
    await account.sweep();
    expect(account.ca.journal.issued).toHaveLength(1);
    expect([...account.txtValues(), ...valuesElsewhere()]).toEqual([]);
    expect(await account.slot(DOMAINS)).not.toHaveProperty('dueAt');
    expect(callsOf('sts')).toBe(1);
  });

  it('is written to where a CNAME of this account leads into it [F8]', async () => {
    account = await startVirtualAccount({ foreignZones: [{ name: 'acme.elsewhere.test', role: ROLE }] });
    const [zone] = account.route53.zones;
    await account.route53.call('ChangeResourceRecordSets', {
      HostedZoneId: zone?.id,
      ChangeBatch: {
        Changes: [
          {
            Action: 'CREATE',
            ResourceRecordSet: {
              Name: '_acme-challenge.example.test',
              Type: 'CNAME',
              TTL: 60,
              ResourceRecords: [{ Value: 'site.acme.elsewhere.test' }],
            },
          },
        ],
      },
    });
    await account.virtual.advance(60_000);
    await account.deploy([account.declaration('site', ['example.test'])]);
    await account.sweep();
    expect(account.ca.journal.issued).toHaveLength(1);
    expect(valuesElsewhere()).toEqual([]);
  });

  it.each([
    ['asks for another external id', () => account.others.sts.putRole(ROLE.roleArn, { externalId: 'other' })],
    ['was deleted', () => account.others.sts.deleteRole(ROLE.roleArn)],
  ])('is a matter for a person where its role %s, who is told role and external id [F11]', async (_, change) => {
    await start();
    change();
    await account.sweep();
    const { class: failureClass, code, message } = await failure();
    expect([failureClass, code]).toEqual(['person', 'AccessDenied']);
    expect(message).toContain(`Assuming the role ${ROLE.roleArn} failed: AccessDenied`);
    expect(message).toContain(`trust policy admits this stack's account with the external id ${ROLE.externalId}`);
    expect(account.sns.messages()).toHaveLength(1);
    account.others.sts.putRole(ROLE.roleArn, ROLE);
    await account.settleDown(2 * DAY);
    expect(account.ca.journal.issued).toHaveLength(1);
    expect((await account.role('site')).failure).toBeUndefined();
    expect([...account.txtValues(), ...valuesElsewhere()]).toEqual([]);
    expect(await account.slot(DOMAINS)).not.toHaveProperty('dueAt');
  });
});
