import { afterEach, describe, expect, it } from 'vitest';
import { AwsFault } from '../../local/aws/fault.ts';
import type { VirtualAccount } from '../support/virtual-account.ts';
import { DAY, HOUR, MINUTE, startVirtualAccount } from '../support/virtual-account.ts';

let account: VirtualAccount;
afterEach(() => account.close());

const NAME = '/perennial/site/acm/arn';
const site = () => account.declaration('site', ['example.test']);
const arnOf = () => account.acm.certificates()[0]?.arn;
const told = (text: string) => account.sns.messages().filter(({ subject }) => subject?.includes(text));

function countPuts(): () => number {
  let puts = 0;
  account.calls.plan = (call, act) => {
    if (call.operation === 'PutParameter') puts += 1;
    return act();
  };
  return () => puts;
}

function refusePuts(fault: AwsFault): void {
  account.calls.plan = async (call, act) => {
    if (call.operation === 'PutParameter')
      throw Object.assign(new Error(fault.message), { name: fault.code, $metadata: { httpStatusCode: fault.status } });
    return act();
  };
}

describe('The ARN of a certificate', () => {
  it('is a parameter once the import was read back, and written again only where it is another', async () => {
    account = await startVirtualAccount();
    const puts = countPuts();
    await account.deploy([site()]);
    await account.sweep();
    expect(account.ssm.parameters()).toEqual({ [NAME]: arnOf() });
    await account.live(30 * DAY, 5 * DAY);
    expect(puts()).toBe(1);
    await account.acm.call('DeleteCertificate', { CertificateArn: arnOf() });
    await account.live(10 * DAY, DAY);
    expect(account.ssm.parameters()).toEqual({ [NAME]: arnOf() });
    expect(puts()).toBe(2);
  });

  it('is a parameter of the new name as well after a rename', async () => {
    account = await startVirtualAccount();
    await account.deploy([site()]);
    await account.sweep();
    await account.deploy([{ ...site(), name: 'shop' }]);
    await account.live(HOUR);
    expect(account.ssm.parameters()).toEqual({ [NAME]: arnOf(), '/perennial/shop/acm/arn': arnOf() });
  });

  it('that may not be written never fails the push, is told once, tried again and told when it works', async () => {
    account = await startVirtualAccount();
    refusePuts(new AwsFault('AccessDeniedException', 'not authorized to perform ssm:PutParameter', 400));
    await account.deploy([site()]);
    await account.live(6 * HOUR);
    expect((await account.targets('site'))[0]).toMatchObject({ proven: (await account.role('site')).version });
    expect(told('publishing the ARN of acm fails')).toHaveLength(1);
    expect(told('publishing')[0]?.message).toMatch(
      /\/perennial\/site\/acm\/arn[\s\S]*The certificate itself is in its place[\s\S]*A person must act/,
    );
    account.calls.plan = (_call, act) => act();
    await account.live(DAY, HOUR);
    expect(account.ssm.parameters()).toEqual({ [NAME]: arnOf() });
    expect(told('recovered')).toHaveLength(1);
    expect((await account.targets('site'))[0]).not.toHaveProperty('publishFailure');
  });

  it('that SSM is too busy to take is written a quarter of an hour later, and nobody is told', async () => {
    account = await startVirtualAccount();
    refusePuts(new AwsFault('ThrottlingException', 'Rate exceeded', 400));
    await account.deploy([site()]);
    await account.sweep();
    expect(account.ssm.parameters()).toEqual({});
    account.calls.plan = (_call, act) => act();
    await account.virtual.advance(15 * MINUTE);
    await account.sweep();
    expect(account.ssm.parameters()).toEqual({ [NAME]: arnOf() });
    expect(told('ARN')).toEqual([]);
  });
});
