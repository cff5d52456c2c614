import { AsyncLocalStorage } from 'node:async_hooks';
import { afterEach, describe, expect, it } from 'vitest';
import type { StepEvent } from '../../lambdas/core/step-result.ts';
import { createOrder } from '../../lambdas/steps/create-order.ts';
import { finalizeOrder } from '../../lambdas/steps/finalize-order.ts';
import { pollOrder } from '../../lambdas/steps/poll-order.ts';
import type { OrderPorts } from '../../lambdas/steps/ports.ts';
import { startRun } from '../../lambdas/steps/start-run.ts';
import type { VirtualAccount } from '../support/virtual-account.ts';
import { DAY, HOUR, MINUTE, START, startVirtualAccount } from '../support/virtual-account.ts';

let account: VirtualAccount;
afterEach(() => account.close());

const DOMAINS = ['example.test'];
const JSON_PROBLEM = { 'content-type': 'application/problem+json' };
const now = () => account.virtual.clock.now();
const of = (machine: string) => account.interpreter.executions.filter((execution) => execution.machine === machine);
const deploy = () => account.deploy([account.declaration('site', DOMAINS)]);

class Refused extends Error {
  override readonly name = 'AccessDenied';
  readonly $metadata = { httpStatusCode: 403 };
}

/** Runs a step by hand, outside of any machine, while time goes on. */
async function invoke<T>(work: (ports: OrderPorts) => Promise<T>): Promise<T> {
  const ports = { ...account.ports.order, deadline: now() + MINUTE };
  let ended = false;
  const answer = account.virtual
    .outside(() => work(ports))
    .finally(() => {
      ended = true;
    });
  await account.virtual.advance(1);
  for (let ms = 0; !ended && ms < 60_000; ms += 500) await account.virtual.advance(500);
  return answer;
}

describe('TXT values', () => {
  it('that a doubled invocation publishes late are removed although another one has confirmed them before', async () => {
    account = await startVirtualAccount();
    await deploy();
    const role = await account.role('site');
    const event: StepEvent = {
      execution: 'arn:aws:states:eu-central-1:123456789012:execution:perennial-renewal:by-hand',
      input: { schema: 1, pk: role.pk, sk: role.sk, startSeq: role.startSeq },
    };
    const apart = AsyncLocalStorage.snapshot();
    const gate = Promise.withResolvers<void>();
    const stalled = Promise.withResolvers<void>();
    let late: Promise<unknown> | undefined;
    account.calls.plan = async (call, act) => {
      if (late !== undefined || call.operation !== 'ChangeResourceRecordSets') return act();
      late = gate.promise.then(() => act());
      stalled.resolve();
      return late;
    };
    const first = apart(() => createOrder(event, { ...account.ports.order, deadline: now() + MINUTE }));
    first.catch(() => undefined);
    await stalled.promise;
    await account.virtual.advance(2_000);
    let result = await invoke((ports) => createOrder(event, ports));
    const after = (): StepEvent => ({ ...event, input: { ...event.input, step: { result } } });
    for (let round = 0; round < 9 && result.status !== 'done'; round += 1) {
      await account.virtual.advance(result.waitSeconds * 1000);
      const step = result.status === 'pending' ? pollOrder : finalizeOrder;
      result = await invoke((ports) => step(after(), ports));
    }
    expect(result.status).toBe('done');
    expect(now()).toBeLessThan(START + MINUTE);
    gate.resolve();
    await first.catch(() => undefined);
    expect(account.txtValues()).toHaveLength(1);
    await account.settleDown(2 * DAY);
    expect(account.txtValues()).toEqual([]);
  });
});

describe('a clean-up', () => {
  it('that is denied for a day is tried again ever more seldom, and told [F20]', async () => {
    account = await startVirtualAccount();
    await deploy();
    account.calls.plan = (call, act) => {
      const cleaning = call.operation === 'ChangeResourceRecordSets' && call.handler !== 'create-order';
      return cleaning ? Promise.reject(new Refused('not allowed')) : act();
    };
    await account.live(DAY);
    expect(account.ca.journal.issued).toHaveLength(1);
    expect(of('settle').length).toBeLessThanOrEqual(15);
    expect(
      account.sns
        .messages()
        .map(({ message }) => message)
        .join('\n'),
    ).toContain('ChangeResourceRecordSets');
  });
});

describe('Settle', () => {
  it('looks at an order again within 8 days, whatever Retry-After the CA sends', async () => {
    account = await startVirtualAccount({}, { finalize: { processingMs: 9 * DAY } });
    await deploy();
    let sent = false;
    account.calls.plan = async (call, act) => {
      if (sent && call.handler !== 'find-due') return account.calls.kill();
      await act();
      sent ||= call.handler === 'finalize-order' && call.service === 'acme';
    };
    account.ca.faults.add({
      endpoint: 'order',
      times: Number.POSITIVE_INFINITY,
      fault: {
        kind: 'rewrite',
        change: (answer) => ({ ...answer, headers: { ...answer.headers, 'Retry-After': '31536000' } }),
      },
    });
    await account.sweep();
    account.calls.plan = (call, act) => (call.handler === 'create-order' ? account.calls.kill() : act());
    await account.live(2 * DAY, 6 * HOUR);
    const slot = await account.slot(DOMAINS);
    expect(slot?.order).toBeDefined();
    expect(slot?.dueAt).toBeLessThanOrEqual(now() + 8 * DAY);
  });
});

describe('an outbox', () => {
  it('that cannot be emptied does not make its role try before the Retry-After of its CA', async () => {
    account = await startVirtualAccount();
    const body = JSON.stringify({ type: 'urn:ietf:params:acme:error:rateLimited', detail: 'too many' });
    const limited = {
      kind: 'answer',
      status: 429,
      headers: { ...JSON_PROBLEM, 'retry-after': '36000' },
      body,
    } as const;
    account.ca.faults.add({ endpoint: 'newOrder', fault: limited });
    account.calls.plan = (call, act) => (call.service === 'sns' ? Promise.reject(new Refused('no')) : act());
    await deploy();
    await account.live(12 * HOUR);
    const [first, second] = account.ca.journal.requests.filter(({ endpoint }) => endpoint === 'newOrder');
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(10 * HOUR);
  });
});

describe('people', () => {
  it('are told of a pause that only they can lift, although the same error type failed before', async () => {
    account = await startVirtualAccount();
    const type = 'urn:ietf:params:acme:error:rateLimited';
    const soon = JSON.stringify({ type, detail: 'too many' });
    account.ca.faults.add({
      endpoint: 'newOrder',
      fault: { kind: 'answer', status: 429, headers: { ...JSON_PROBLEM, 'retry-after': '600' }, body: soon },
    });
    const paused = JSON.stringify({
      type,
      detail: 'Your account is paused. Visit https://unpause.example/sfe to unpause',
    });
    account.ca.faults.add({
      endpoint: 'newOrder',
      fault: { kind: 'answer', status: 429, headers: JSON_PROBLEM, body: paused },
      times: Number.POSITIVE_INFINITY,
    });
    await deploy();
    await account.live(3 * HOUR);
    expect(
      account.sns
        .messages()
        .map(({ message }) => message)
        .join('\n'),
    ).toContain('https://unpause.example/sfe');
  });

  it('are told once more when a failure that they know of becomes an emergency', async () => {
    account = await startVirtualAccount();
    await deploy();
    await account.sweep();
    const { renewAt = 0, notAfter = 0 } = await account.role('site');
    await account.virtual.advance(renewAt - now() + MINUTE);
    account.ca.faults.add({
      endpoint: 'newOrder',
      fault: { kind: 'answer', status: 403, body: '{}' },
      times: Number.POSITIVE_INFINITY,
    });
    await account.live(HOUR);
    const before = account.sns.messages().length;
    await account.live(notAfter - DAY - now(), 12 * HOUR);
    expect(account.sns.messages().length).toBeGreaterThan(before);
  });

  it('are told of a failure although the message names hundreds of name server answers', async () => {
    const domains = Array.from({ length: 14 }, (_, at) => `n${at}.example.test`);
    account = await startVirtualAccount();
    for (const domain of domains)
      account.dns.faults.set(`_acme-challenge.${domain}`, { kind: 'lag', until: START + 10 * DAY });
    await account.deploy([account.declaration('site', domains)]);
    await account.live(HOUR);
    const cause = of('renewal').find(({ status }) => status === 'FAILED')?.cause ?? '';
    expect(cause).not.toBe('');
    // https://docs.aws.amazon.com/step-functions/latest/apireference/API_TaskFailedEventDetails.html
    expect(cause.length).toBeLessThanOrEqual(32_768);
  }, 120_000);
});

describe('an ACM certificate', () => {
  it('that was deleted is imported once more, although the first answer is lost', async () => {
    account = await startVirtualAccount();
    await deploy();
    await account.sweep();
    const [held] = account.acm.certificates();
    if (held === undefined) throw new Error('nothing was imported');
    await account.acm.call('DeleteCertificate', { CertificateArn: held.arn });
    let killed = false;
    account.calls.plan = async (call, act) => {
      await act();
      if (killed || call.operation !== 'ImportCertificate') return;
      killed = true;
      await account.calls.kill();
    };
    await account.live(8 * DAY, 6 * HOUR);
    expect(killed).toBe(true);
    expect(account.acm.certificates()).toHaveLength(1);
  });
});

describe('a run that is forced', () => {
  it('orders a new certificate although the last run died before it had cleared its slot', async () => {
    account = await startVirtualAccount();
    await deploy();
    account.calls.plan = async (call, act) => {
      await act();
      if (call.handler !== 'finalize-order' || call.operation !== 'UpdateItem') return;
      if ((await account.role('site')).version !== undefined) await account.calls.kill();
    };
    await account.sweep();
    account.calls.plan = (_call, act) => act();
    const { version } = await account.role('site');
    expect(version).toBeDefined();
    await startRun({ ...account.ports.base, deadline: now() + MINUTE }, await account.role('site'), true);
    await account.sweep();
    expect((await account.role('site')).version).not.toBe(version);
  });
});
