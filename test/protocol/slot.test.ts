import { afterEach, describe, expect, it } from 'vitest';
import { executionNameOf } from '../../lambdas/store/claim.ts';
import type { VirtualAccount } from '../support/virtual-account.ts';
import { DAY, HOUR, MINUTE, startVirtualAccount } from '../support/virtual-account.ts';

let account: VirtualAccount;
afterEach(() => account.close());

const DOMAINS = ['example.test'];
const finalizes = () => account.ca.journal.count('finalize');
const quiet = () => account.interpreter.executions.every(({ status }) => status !== 'RUNNING');

/** Claims a role by hand and starts so many executions for that one claim: what no correct starter does. */
async function startMany(count: number): Promise<void> {
  const role = await account.role('site');
  for (let at = 0; at < count; at += 1) {
    const name = `${at}-${executionNameOf(role, role.startSeq)}`.slice(0, 80);
    account.interpreter.start('renewal', name, { schema: 1, pk: role.pk, sk: role.sk, startSeq: role.startSeq });
  }
  await account.virtual.runUntil(quiet, 3 * HOUR);
}

describe('a slot', () => {
  it('lets 20 runs that are forced on it finalize one order, and makes nobody wait in a Lambda', async () => {
    account = await startVirtualAccount();
    await account.deploy([account.declaration('site', DOMAINS)]);
    const before = account.time.clock.now();
    await startMany(20);
    const ends = account.interpreter.executions.filter(({ machine }) => machine === 'renewal');
    expect(ends.every(({ status }) => status === 'SUCCEEDED')).toBe(true);
    expect(finalizes()).toBe(1);
    expect(account.ca.journal.issued).toHaveLength(1);
    const held = ends.filter(({ events }) => events.some(({ state }) => state === 'Held'));
    expect(held.length).toBeGreaterThan(0);
    expect(held.every(({ stoppedAt = 0 }) => stoppedAt === before)).toBe(true);
  });

  it('is shared by five certificates of the same names: each gets its own, one after the other', async () => {
    account = await startVirtualAccount();
    const names = Array.from({ length: 5 }, (_, at) => `site-${at}`);
    await account.deploy(names.map((name) => account.declaration(name, DOMAINS)));
    await account.live(2 * HOUR);
    for (const name of names) expect((await account.role(name)).version).toBeDefined();
    expect(account.ca.journal.issued).toHaveLength(5);
    const orders = new Set(account.ca.journal.issued.map(({ order }) => order));
    expect(orders.size).toBe(5);
    expect(account.sns.messages().filter(({ subject }) => subject?.includes('fails'))).toEqual([]);
  });

  it("hands an unfinished order without finalize to the next certificate, with that one's own key", async () => {
    account = await startVirtualAccount();
    await account.deploy([account.declaration('first', DOMAINS)]);
    account.calls.plan = (call, act) => (call.handler === 'poll-order' ? account.calls.kill() : act());
    await account.sweep();
    account.calls.plan = (_call, act) => act();
    const order = (await account.slot(DOMAINS))?.order?.url;
    expect(order).toBeDefined();
    await account.deploy([account.declaration('second', DOMAINS)]);
    await account.sweep();
    const second = await account.role('second');
    expect(account.ca.journal.issued.map((issued) => issued.order)).toEqual([order]);
    expect(second.version).toBeDefined();
    expect((await account.targets('second'))[0]?.proven).toBe(second.version);
  });

  it("follows another certificate's finalized order to its end and stores it for its owner", async () => {
    account = await startVirtualAccount();
    await account.deploy([account.declaration('first', DOMAINS)]);
    let lost = false;
    account.calls.plan = async (call, act) => {
      if (call.handler === 'finalize-order' && call.service === 'acme' && !lost) {
        await act();
        lost = true;
      }
      return lost && ['finalize-order', 'record-failure'].includes(call.handler) ? account.calls.kill() : act();
    };
    await account.sweep();
    account.calls.plan = (_call, act) => act();
    expect((await account.slot(DOMAINS))?.order?.finalizeIntent).toBeDefined();
    await account.deploy([account.declaration('first', DOMAINS), account.declaration('second', DOMAINS)]);
    await account.live(DAY, HOUR);
    const [first, second] = [await account.role('first'), await account.role('second')];
    expect(first.version).toBeDefined();
    expect(second.version).toBeDefined();
    expect(first.version).not.toBe(second.version);
    expect(account.ca.journal.issued.filter(({ names }) => names.includes('example.test'))).toHaveLength(2);
    expect((await account.targets('first'))[0]?.proven).toBe(first.version);
  });

  it('that was given free by whoever collected its order lets the order’s owner place no second one', async () => {
    account = await startVirtualAccount();
    await account.deploy([account.declaration('first', DOMAINS)]);
    account.calls.plan = async (call, act) => {
      if (call.handler === 'record-failure') return account.calls.kill();
      await act();
      if (call.handler === 'finalize-order' && call.service === 'acme') return account.calls.kill();
    };
    await account.sweep();
    const creating: number[] = [];
    account.calls.plan = async (call, act) => {
      if (call.handler !== 'create-order') return act();
      if (!creating.includes(call.invocation)) creating.push(call.invocation);
      // The third is the other certificate's, come back for an order of its own.
      if (call.invocation === creating[2]) await account.virtual.clock.sleep(45_000);
      const answer = await act();
      // The owner has just seen that nothing is stored for it.
      if (call.invocation === creating[0] && call.operation === 'Query') await account.virtual.clock.sleep(40_000);
      return answer;
    };
    await account.virtual.advance(2 * HOUR);
    account.interpreter.start('sweep', 'owner', {});
    await account.virtual.advance(10_000);
    await account.deploy([account.declaration('first', DOMAINS), account.declaration('second', DOMAINS)]);
    account.interpreter.start('sweep', 'other', {});
    await account.virtual.runUntil(quiet, 3 * HOUR);
    account.calls.plan = (_call, act) => act();
    await account.live(DAY, HOUR);
    const [first, second] = [await account.role('first'), await account.role('second')];
    expect(account.ca.journal.issued).toHaveLength(2);
    expect(new Set([first.version, second.version]).size).toBe(2);
  });

  it('promotes nothing for a declaration that changed while its order was in flight', async () => {
    account = await startVirtualAccount();
    await account.deploy([account.declaration('site', DOMAINS)]);
    await account.sweep();
    const before = await account.role('site');
    await account.virtual.advance((before.renewAt ?? 0) - account.time.clock.now() + MINUTE);
    account.interpreter.start('sweep', 'renewal-begins', {});
    await account.virtual.advance(3_000);
    await account.deploy([account.declaration('site', ['www.example.test'])]);
    await account.virtual.runUntil(quiet, 3 * HOUR);
    expect((await account.role('site')).version).toBe(before.version);
    await account.live(3 * HOUR);
    const after = await account.role('site');
    expect(after.version).not.toBe(before.version);
    expect(account.acm.certificates()[0]?.domains).toEqual(['www.example.test']);
    await account.live(2 * DAY, HOUR);
    expect(account.txtValues()).toEqual([]);
    expect(await account.slot(DOMAINS)).not.toHaveProperty('owner');
  });
});
