import { afterEach, describe, expect, it } from 'vitest';
import { startRun } from '../../lambdas/steps/start-run.ts';
import type { VirtualAccount } from '../support/virtual-account.ts';
import { HOUR, MINUTE, startVirtualAccount } from '../support/virtual-account.ts';

let account: VirtualAccount;
afterEach(() => account.close());

const renewals = () => account.interpreter.executions.filter(({ machine }) => machine === 'renewal');

/** Starts as a sweep or a person would, at this moment. */
async function startNow(forced = false) {
  return startRun(
    { ...account.ports.base, deadline: account.time.clock.now() + MINUTE },
    await account.role('site'),
    forced,
  );
}

describe('claims', () => {
  it('let one of 20 that come at the same moment start a run [L3, L32]', async () => {
    account = await startVirtualAccount();
    await account.deploy([account.declaration('site', ['example.test'])]);
    const role = await account.role('site');
    const ports = { ...account.ports.base, deadline: account.time.clock.now() + MINUTE };
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => startRun(ports, role)));
    expect(outcomes.filter((outcome) => outcome === 'started')).toHaveLength(1);
    expect(renewals()).toHaveLength(1);
    await account.sweep();
    expect(account.ca.journal.issued).toHaveLength(1);
  });

  it('are not overtaken by force while a run is in flight', async () => {
    account = await startVirtualAccount();
    await account.deploy([account.declaration('site', ['example.test'])]);
    expect(await startNow()).toBe('started');
    expect(await startNow(true)).toBe('lost');
    await account.sweep();
    expect(account.ca.journal.issued).toHaveLength(1);
  });

  it('are given back when the start is refused, and the row is due in a minute', async () => {
    account = await startVirtualAccount();
    await account.deploy([account.declaration('site', ['example.test'])]);
    account.calls.plan = (call, act) =>
      call.operation === 'StartExecution' ? Promise.reject(new Error('refused')) : act();
    expect(await startNow()).toBe('refused');
    const role = await account.role('site');
    expect(role).toMatchObject({ tries: 0, dueAt: account.time.clock.now() + MINUTE });
    expect(role).not.toHaveProperty('runUntil');
  });

  it('of a run that is forced lead to a new certificate although the old one is fresh', async () => {
    account = await startVirtualAccount();
    await account.deploy([account.declaration('site', ['example.test'])]);
    await account.sweep();
    await account.virtual.advance(HOUR);
    expect(await startNow(true)).toBe('started');
    await account.sweep();
    expect(account.ca.journal.issued).toHaveLength(2);
    expect((await account.role('site')).forced).toBeUndefined();
  });
});

describe('a run is tried again by the sweep', () => {
  it('when it dies in its first state and nothing tells of it [L3]', async () => {
    let alive = false;
    const dies = (): Promise<never> => Promise.reject(Object.assign(new Error('gone'), { name: 'Gone' }));
    account = await startVirtualAccount({ statusRule: false, overrides: { RecordFailure: dies } });
    account.calls.plan = (call, act) => (alive || call.handler !== 'create-order' ? act() : account.calls.kill());
    await account.deploy([account.declaration('site', ['example.test'])]);
    await account.sweep();
    expect(renewals()[0]?.status).toBe('FAILED');
    alive = true;
    await account.live(HOUR);
    expect(account.ca.journal.issued).toHaveLength(0);
    await account.live(HOUR);
    expect(account.ca.journal.issued).toHaveLength(1);
    expect((await account.role('site')).tries).toBe(0);
  });

  it('when its RecordFailure dies, because the status rule tells it once more', async () => {
    let alive = false;
    account = await startVirtualAccount();
    account.calls.plan = (call, act) =>
      alive || !['create-order', 'record-failure'].includes(call.handler) ? act() : account.calls.kill();
    await account.deploy([account.declaration('site', ['example.test'])]);
    await account.sweep();
    alive = true;
    await account.live(2 * HOUR);
    expect(account.ca.journal.issued).toHaveLength(1);
  });

  it('when it was aborted, a minute later', async () => {
    account = await startVirtualAccount();
    await account.deploy([account.declaration('site', ['example.test'])]);
    expect(await startNow()).toBe('started');
    await account.virtual.advance(2_000);
    account.interpreter.abort(renewals()[0]?.arn ?? '');
    await account.virtual.advance(4_000);
    expect(renewals()[0]?.status).toBe('ABORTED');
    const role = await account.role('site');
    expect(role.failure?.code).toBe('Execution.ABORTED');
    await account.virtual.advance(2 * MINUTE);
    await account.sweep();
    expect(account.ca.journal.issued).toHaveLength(1);
    // The order lives on after such a death, and so do its TXT values until it has ended.
    expect(account.txtValues()).toEqual([]);
    expect(account.sns.messages().map(({ subject }) => subject)).toContain('Perennial: site has recovered');
  });
});
