import { afterEach, describe, expect, it } from 'vitest';
import type { VirtualAccount } from '../support/virtual-account.ts';
import { DAY, HOUR, MINUTE, startVirtualAccount } from '../support/virtual-account.ts';

let account: VirtualAccount;
afterEach(() => account.close());

const DOMAINS = ['example.test'];
const JSON_PROBLEM = { 'content-type': 'application/problem+json' };
type Since = { readonly since?: number };
const quiet = () => account.interpreter.executions.every(({ status }) => status !== 'RUNNING');

describe('an order that a CA has lost together with its certificate', () => {
  it('is given up for a new one', async () => {
    account = await startVirtualAccount();
    await account.deploy([account.declaration('site', DOMAINS)]);
    let seen: string | undefined;
    account.calls.plan = async (call, act) => {
      if (seen !== undefined && call.handler !== 'find-due') return account.calls.kill();
      await act();
      if (call.handler !== 'finalize-order' || call.operation !== 'UpdateItem') return;
      seen = (await account.slot(DOMAINS))?.order?.certificateUrl;
    };
    await account.sweep();
    account.calls.plan = (_call, act) => act();
    const lost = (await account.slot(DOMAINS))?.order;
    expect(lost?.certificateUrl).toBeDefined();
    const body = JSON.stringify({ type: 'urn:ietf:params:acme:error:malformed', detail: 'not found', status: 404 });
    for (const endpoint of ['order', 'certificate'] as const) {
      account.ca.faults.add({
        endpoint,
        fault: { kind: 'answer', status: 404, headers: JSON_PROBLEM, body },
        times: Number.POSITIVE_INFINITY,
        when: ({ url }) => url === lost?.url || url === lost?.certificateUrl,
      });
    }
    await account.live(2 * DAY, HOUR);
    expect((await account.role('site')).version).toBeDefined();
    expect((await account.slot(DOMAINS))?.order).toBeUndefined();
  });
});

describe('a run that a changed declaration has outdated', () => {
  it('does not make its role try before the Retry-After that the newer run was told', async () => {
    account = await startVirtualAccount();
    await account.deploy([account.declaration('site', DOMAINS)]);
    account.interpreter.start('sweep', 'begins', {});
    await account.virtual.advance(2_000);
    const body = JSON.stringify({ type: 'urn:ietf:params:acme:error:rateLimited', detail: 'too many' });
    account.ca.faults.add({
      endpoint: 'newOrder',
      fault: { kind: 'answer', status: 429, headers: { ...JSON_PROBLEM, 'retry-after': '36000' }, body },
    });
    await account.deploy([account.declaration('site', ['www.example.test'])]);
    account.interpreter.start('sweep', 'begins-again', {});
    await account.virtual.runUntil(quiet, 3 * HOUR);
    await account.live(11 * HOUR, 30 * MINUTE);
    const [, second = 0, third = 0] = account.ca.journal.requests
      .filter(({ endpoint }) => endpoint === 'newOrder')
      .map(({ at }) => at);
    expect(third - second).toBeGreaterThanOrEqual(10 * HOUR);
  });
});

describe('a run that has succeeded, is killed before it can tell, and whose end nobody records', () => {
  const killTeller = (handler: string): void => {
    account.calls.plan = (call, act) => {
      const isTelling = call.handler === handler && (call.service === 'sns' || call.service === 'events');
      return isTelling || call.handler === 'record-failure' ? account.calls.kill() : act();
    };
  };
  const told = () => account.events.events().map(({ detailType }) => detailType);

  it.each([
    ['renewal', 'finalize-order', 'certificate.issued'],
    ['push', 'probe-target', 'certificate.pushed'],
  ])('as a %s, is told and followed within the hour', async (_machine, handler, event) => {
    account = await startVirtualAccount();
    await account.deploy([account.declaration('site', DOMAINS)]);
    killTeller(handler);
    await account.sweep();
    expect(told()).not.toContain(event);
    account.calls.plan = (_call, act) => act();
    await account.live(HOUR);
    expect(told().filter((type) => type === event)).toHaveLength(1);
    const [role, [target]] = [await account.role('site'), await account.targets('site')];
    expect(target?.proven).toBe(role.version);
    expect([role.dueAt, role.outbox ?? {}, target?.outbox ?? {}]).toEqual([role.renewAt, {}, {}]);
    expect(account.ca.journal.issued).toHaveLength(1);
  });
});

describe('an invocation that goes on after its run was told as failed', () => {
  it('does not end that failure without a word: the next run promotes its certificate and tells it', async () => {
    const { promise: downloading, resolve: downloads } = Promise.withResolvers<void>();
    let goesOn: Promise<unknown> | undefined;
    account = await startVirtualAccount({
      around: (name, handler) => async (payload) => {
        if (name !== 'finalize-order' || goesOn !== undefined) return handler(payload);
        goesOn = account.time.outside(() => handler(payload)).catch(() => undefined);
        await downloading;
        throw Object.assign(new Error('the outcome is not known'), { name: 'Lambda.Unknown' });
      },
    });
    account.calls.plan = async ({ handler, operation }, act) => {
      const isDownload = handler === 'finalize-order' && operation === 'POST /acme/cert';
      if (isDownload) downloads();
      if (isDownload) await account.virtual.clock.sleep(10_000);
      return act();
    };
    await account.deploy([account.declaration('site', DOMAINS)]);
    await account.sweep();
    await account.virtual.advance(MINUTE);
    await goesOn;
    await account.settleDown(2 * DAY);
    const sinceOf = (type: string) =>
      account.events
        .events()
        .flatMap(({ detailType, detail }) => (detailType === type ? [(detail as Since).since] : []));
    expect(sinceOf('certificate.failing')).toHaveLength(1);
    expect(sinceOf('certificate.recovered')).toEqual(sinceOf('certificate.failing'));
    expect(account.ca.journal.issued).toHaveLength(1);
    expect((await account.role('site')).failure).toBeUndefined();
  });
});
