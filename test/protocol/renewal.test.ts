import { afterEach, describe, expect, it } from 'vitest';
import { statesOf, transitionsOf } from '../../local/embedded/execution.ts';
import type { VirtualAccount } from '../support/virtual-account.ts';
import { DAY, HOUR, MINUTE, startVirtualAccount } from '../support/virtual-account.ts';

let account: VirtualAccount;
afterEach(() => account.close());

describe('a certificate from declaration to renewal', () => {
  it('is issued, pushed and proven by one sweep, in 8 transitions, with nothing left behind', async () => {
    account = await startVirtualAccount();
    await account.deploy([account.declaration('site', ['example.test', '*.example.test'])]);
    await account.sweep();
    const role = await account.role('site');
    const [renewal] = account.interpreter.executions.filter(({ machine }) => machine === 'renewal');
    expect(renewal && statesOf(renewal)).toEqual([
      'CreateOrder',
      'OrderStatus?',
      'WaitForCa',
      'PollOrder',
      'OrderStatus?',
      'FinalizeOrder',
      'OrderStatus?',
      'Done',
    ]);
    expect(renewal && transitionsOf(renewal)).toBe(8);
    expect(account.ca.journal.issued).toHaveLength(1);
    expect((await account.targets('site'))[0]?.proven).toBe(role.version);
    expect(account.txtValues()).toEqual([]);
    const slot = await account.slot(['*.example.test', 'example.test']);
    expect(slot).not.toHaveProperty('order');
    expect(slot).not.toHaveProperty('owner');
    expect(slot).not.toHaveProperty('dueAt');
  });

  it('tells people of the first issue, and of a renewal only machines', async () => {
    account = await startVirtualAccount();
    await account.deploy([account.declaration('site', ['example.test'])]);
    await account.live(90 * DAY, 12 * HOUR);
    expect(account.ca.journal.issued.length).toBeGreaterThanOrEqual(2);
    expect(account.sns.messages().map(({ subject }) => subject)).toEqual(['Perennial: site has its first certificate']);
    const kinds = account.events.events().map(({ detailType }) => detailType);
    expect(kinds.filter((kind) => kind === 'certificate.renewed')).toHaveLength(account.ca.journal.issued.length - 1);
  });

  it('is renewed when a third of its lifetime is left, onto the same ARN', async () => {
    account = await startVirtualAccount();
    await account.deploy([account.declaration('site', ['example.test'])]);
    await account.sweep();
    const before = account.acm.certificates();
    const { version, renewAt = 0, notAfter = 0, notBefore = 0 } = await account.role('site');
    expect(notAfter - renewAt).toBeGreaterThanOrEqual((notAfter - notBefore) / 3 - 1);
    await account.virtual.advance(renewAt - account.virtual.clock.now() - MINUTE);
    await account.sweep();
    expect((await account.role('site')).version).toBe(version);
    await account.virtual.advance(2 * MINUTE);
    await account.sweep();
    const after = account.acm.certificates();
    expect((await account.role('site')).version).not.toBe(version);
    expect(after.map(({ arn }) => arn)).toEqual(before.map(({ arn }) => arn));
    expect(after[0]?.leafPem).not.toBe(before[0]?.leafPem);
    expect((await account.targets('site'))[0]?.proven).toBe((await account.role('site')).version);
  });

  it('is left alone while nothing is due', async () => {
    account = await startVirtualAccount();
    await account.deploy([account.declaration('site', ['example.test'])]);
    await account.sweep();
    const requests = account.ca.journal.requests.length;
    await account.live(6 * HOUR);
    expect(account.ca.journal.requests.length).toBe(requests);
    expect(account.interpreter.executions.filter(({ machine }) => machine === 'renewal')).toHaveLength(1);
  });
});
