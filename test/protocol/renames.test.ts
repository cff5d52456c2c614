import { afterEach, describe, expect, it } from 'vitest';
import type { CertificateDeclaration } from '../../lambdas/core/declaration.ts';
import { syncInventory } from '../../lambdas/steps/sync-inventory.ts';
import type { VirtualAccount } from '../support/virtual-account.ts';
import { DAY, HOUR, MINUTE, startVirtualAccount } from '../support/virtual-account.ts';

let account: VirtualAccount;
afterEach(() => account.close());

const DOMAINS = ['example.test'];
const now = () => account.virtual.clock.now();
const quiet = () => account.interpreter.executions.every(({ status }) => status !== 'RUNNING');
const named = (name: string, changes: Partial<CertificateDeclaration> = {}) =>
  account.declaration(name, DOMAINS, changes);

async function issued(): Promise<void> {
  account = await startVirtualAccount();
  await account.deploy([named('old')]);
  await account.sweep();
}

async function untilRenewalOf(name: string): Promise<void> {
  const { renewAt = 0 } = await account.role(name);
  await account.virtual.advance(renewAt - now() + MINUTE);
}

async function expectOneCertificate(orders: number): Promise<void> {
  expect(account.ca.journal.issued).toHaveLength(orders);
  expect(account.acm.certificates()).toHaveLength(1);
  expect((await account.targets('new'))[0]).toMatchObject({ proven: (await account.role('new')).version });
  expect(account.txtValues()).toEqual([]);
}

describe('A certificate under a new name', () => {
  it('goes on with version, role and ACM certificate, and is renewed onto them when its time comes', async () => {
    await issued();
    const before = await account.role('old');
    await account.deploy([named('new')]);
    await account.live(HOUR);
    expect(await account.role('new')).toMatchObject({ version: before.version, renewAt: before.renewAt });
    await expectOneCertificate(1);
    await untilRenewalOf('new');
    await account.live(HOUR);
    await expectOneCertificate(2);
    expect((await account.role('old')).dueAt).toBeUndefined();
    expect((await account.targets('old'))[0]?.dueAt).toBeUndefined();
  });

  it('and back again goes on as well, with what was issued meanwhile', async () => {
    await issued();
    await account.deploy([named('new')]);
    await account.live(HOUR);
    await untilRenewalOf('new');
    await account.live(HOUR);
    const { version } = await account.role('new');
    await account.deploy([named('old')]);
    await account.live(HOUR);
    expect(await account.role('old')).toMatchObject({ version });
    await account.deploy([named('new')]);
    await account.live(HOUR);
    expect(await account.role('new')).toMatchObject({ version });
    await expectOneCertificate(2);
  });

  it('while its order waits for the DNS ends with one certificate, of the new name', async () => {
    account = await startVirtualAccount();
    await account.deploy([named('old')]);
    account.interpreter.start('sweep', 'begins', {});
    await account.virtual.advance(2_000);
    expect(quiet()).toBe(false);
    await account.deploy([named('new')]);
    await account.virtual.runUntil(quiet, 3 * HOUR);
    await account.live(3 * HOUR);
    await expectOneCertificate(1);
  });

  it.each([
    ['its order is finalized', 'acme', 'POST'],
    ['its certificate is stored', 'dynamodb', 'PutItem'],
  ])('while %s ends with one certificate, of the new name', async (_when, service, operation) => {
    account = await startVirtualAccount();
    await account.deploy([named('old')]);
    let renamed = false;
    account.calls.plan = async (call, act) => {
      const isMoment = call.handler === 'finalize-order' && call.service === service;
      if (renamed || !isMoment || !call.operation.includes(operation)) return act();
      renamed = true;
      await account.deploy([named('new')]);
      return act();
    };
    await account.sweep();
    await account.live(3 * HOUR);
    expect(renamed).toBe(true);
    await expectOneCertificate(1);
  });

  it('while its finalized order has not been collected gets that certificate', async () => {
    account = await startVirtualAccount();
    await account.deploy([named('old')]);
    let sent = false;
    account.calls.plan = async (call, act) => {
      if (sent && ['finalize-order', 'record-failure'].includes(call.handler)) return account.calls.kill();
      const answer = await act();
      if (call.handler === 'finalize-order' && call.service === 'acme') sent = true;
      return answer;
    };
    await account.sweep();
    account.calls.plan = (_call, act) => act();
    expect((await account.slot(DOMAINS))?.order).toMatchObject({ certificate: 'old', finalizeIntent: {} });
    await account.deploy([named('new')]);
    await account.live(2 * HOUR);
    await expectOneCertificate(1);
    expect((await account.slot(DOMAINS))?.order).toBeUndefined();
  });

  it('whose first import was sent and never answered finds it in ACM', async () => {
    account = await startVirtualAccount();
    await account.deploy([named('old')]);
    account.calls.plan = async (call, act) => {
      const answer = await act();
      return call.operation === 'ImportCertificate' ? account.calls.kill() : answer;
    };
    account.interpreter.start('sweep', 'begins', {});
    await account.virtual.advance(40_000);
    expect((await account.targets('old'))[0]).toMatchObject({ importing: true });
    account.calls.plan = (_call, act) => act();
    await account.deploy([named('new')]);
    await account.live(2 * HOUR);
    await expectOneCertificate(1);
    expect(account.acm.certificates()[0]?.tags).toEqual({ 'perennial:certificate': 'perennial/old/acm' });
  });

  it('and other names at the same time is a new certificate, and the old one is retired', async () => {
    await issued();
    await account.deploy([account.declaration('new', ['www.example.test'])]);
    await account.live(HOUR);
    expect(account.ca.journal.issued).toHaveLength(2);
    expect((await account.targets('old'))[0]).toMatchObject({ retired: true });
  });

  it('survives a deployment that dies at any of its writes, whether it is repeated or rolled back', async () => {
    await issued();
    const { version } = await account.role('old');
    let live = 'old';
    let point = 1;
    // A name that was never there each time: rows of an earlier life would hide what a handover lacks.
    for (; await diesAt(point, `name-${point}`); point += 1) {
      if (point % 2 === 1) live = `name-${point}`;
      await account.deploy([named(live)]);
      await account.sweep();
      expect(await account.role(live)).toMatchObject({ version });
      expect((await account.targets(live))[0]).toMatchObject({ proven: version });
    }
    expect(point).toBeGreaterThan(8);
    await account.live(2 * DAY, HOUR);
    expect(account.ca.journal.issued).toHaveLength(1);
    expect(account.acm.certificates()).toHaveLength(1);
  }, 120_000);
});

/** A deployment of this name alone that dies just before its n-th write; whether it came to that. */
async function diesAt(write: number, name: string): Promise<boolean> {
  let writes = 0;
  account.calls.plan = async ({ operation }, act) => {
    if (operation === 'UpdateItem' || operation === 'PutItem') writes += 1;
    if (writes === write) throw new Error('died');
    return act();
  };
  const ports = { table: account.ports.base.table, clock: account.virtual.clock };
  const outcome = await syncInventory([named(name)], ports).catch(() => 'died');
  account.calls.plan = (_call, act) => act();
  return outcome === 'died';
}
