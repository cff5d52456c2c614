import { afterEach, describe, expect, it } from 'vitest';
import type { HttpSend } from '../../lambdas/acme/http.ts';
import { startRun } from '../../lambdas/steps/start-run.ts';
import type { Ca } from '../../local/ca/ca.ts';
import { BOULDER_HABITS } from '../../local/ca/habits.ts';
import { sendTo } from '../support/local-ca-send.ts';
import type { VirtualAccount } from '../support/virtual-account.ts';
import { DAY, HOUR, MINUTE, START, startVirtualAccount } from '../support/virtual-account.ts';

let account: VirtualAccount;
afterEach(() => account.close());

const DOMAINS = ['example.test'];
const JSON_PROBLEM = { 'content-type': 'application/problem+json' };
const now = () => account.virtual.clock.now();
const until = (at: number) => () => now() < at;
const failing = () => account.sns.messages().filter(({ subject }) => subject?.includes('fails'));

function problem(status: number, type: string, detail: string, headers: Record<string, string> = {}) {
  const body = JSON.stringify({ type: `urn:ietf:params:acme:error:${type}`, detail, status });
  return { kind: 'answer', status, headers: { ...JSON_PROBLEM, ...headers }, body } as const;
}

async function deploy(): Promise<void> {
  await account.deploy([account.declaration('site', DOMAINS)]);
}

const requestsAt = (endpoint: string) =>
  account.ca.journal.requests.filter((request) => request.endpoint === endpoint).map(({ at }) => at);

describe('newOrder', () => {
  it('that gave no answer for five minutes is sent again by the ladder, not only once Settle has cleared the slot a day later', async () => {
    account = await startVirtualAccount();
    account.ca.faults.add({
      endpoint: 'newOrder',
      fault: { kind: 'refuse' },
      times: Number.POSITIVE_INFINITY,
      when: until(START + 5 * MINUTE),
    });
    await deploy();
    await account.live(5 * HOUR);
    expect(account.ca.journal.issued).toHaveLength(1);
  });

  it('of a six-day certificate that gave no answer for five minutes does not let it expire', async () => {
    account = await startVirtualAccount({}, { defaultProfile: 'shortlived' });
    await deploy();
    await account.sweep();
    const { renewAt = 0, notAfter = 0 } = await account.role('site');
    await account.virtual.advance(renewAt - now() + MINUTE);
    const outage = now();
    account.ca.faults.add({
      endpoint: 'newOrder',
      fault: { kind: 'refuse' },
      times: Number.POSITIVE_INFINITY,
      when: () => now() >= outage && now() < outage + 5 * MINUTE,
    });
    await account.live(notAfter - now() - MINUTE, HOUR);
    expect(account.ca.journal.issued.length).toBeGreaterThan(1);
  });

  it('that is answered 503 with Retry-After is not sent again before that instant', async () => {
    account = await startVirtualAccount();
    const busy = {
      kind: 'answer',
      status: 503,
      headers: { 'retry-after': '3600' },
      body: '<html>busy</html>',
    } as const;
    account.ca.faults.add({ endpoint: 'newOrder', fault: busy });
    await deploy();
    await account.live(4 * HOUR);
    const [first = 0, second = 0] = requestsAt('newOrder');
    expect(second - first).toBeGreaterThanOrEqual(HOUR);
  });

  it('whose orders are not found for ten seconds, as at a lagging replica, does not spend the orders of a whole day', async () => {
    account = await startVirtualAccount({}, { habits: BOULDER_HABITS });
    await deploy();
    await account.sweep();
    await account.virtual.advance(HOUR);
    const from = now();
    for (const endpoint of ['order', 'finalize'] as const) {
      account.ca.faults.add({
        endpoint,
        fault: problem(404, 'malformed', 'No order for ID'),
        times: Number.POSITIVE_INFINITY,
        when: until(from + 10_000),
      });
    }
    await startRun({ ...account.ports.base, deadline: now() + MINUTE }, await account.role('site'), true);
    await account.live(5 * HOUR);
    expect(account.ca.journal.issued).toHaveLength(2);
  });
});

describe('an order', () => {
  it('whose authorization is invalid although it still looks pending is given up for a new one [E3]', async () => {
    account = await startVirtualAccount();
    let spoilt: string | undefined;
    account.ca.faults.add({
      endpoint: 'authorization',
      times: Number.POSITIVE_INFINITY,
      when: ({ url }) => {
        spoilt ??= url;
        return spoilt === url;
      },
      fault: {
        kind: 'rewrite',
        change: (answer) => ({
          ...answer,
          body: answer.body.replaceAll(/"status": ?"pending"/g, '"status":"invalid"'),
        }),
      },
    });
    await deploy();
    await account.live(5 * HOUR);
    expect(spoilt).toBeDefined();
    expect(account.ca.journal.issued).toHaveLength(1);
  });

  it('whose authorization is not found is given up for a new one', async () => {
    account = await startVirtualAccount();
    let lost: string | undefined;
    account.ca.faults.add({
      endpoint: 'authorization',
      times: Number.POSITIVE_INFINITY,
      when: ({ url }) => {
        lost ??= url;
        return lost === url;
      },
      fault: problem(404, 'malformed', 'No authorization found'),
    });
    await deploy();
    await account.live(5 * HOUR);
    expect(account.ca.journal.issued).toHaveLength(1);
  });

  it('that an account lost by the CA has placed is given up, not read in vain for ever', async () => {
    account = await startVirtualAccount();
    account.calls.plan = (call, act) => (call.handler === 'poll-order' ? account.calls.kill() : act());
    await deploy();
    await account.sweep();
    account.calls.plan = (_call, act) => act();
    for (const { account: url } of account.ca.control.orders()) account.ca.control.forgetAccount(url);
    await account.live(9 * DAY, 3 * HOUR);
    expect(account.ca.journal.issued).toHaveLength(1);
  }, 120_000);

  it('that stays pending is polled no sooner than its Retry-After asks', async () => {
    account = await startVirtualAccount({}, { validationMs: 20 * MINUTE });
    account.ca.faults.add({
      endpoint: 'order',
      times: Number.POSITIVE_INFINITY,
      fault: {
        kind: 'rewrite',
        change: (answer) => ({ ...answer, headers: { ...answer.headers, 'Retry-After': '300' } }),
      },
    });
    await deploy();
    await account.live(2 * HOUR);
    const looks = requestsAt('order');
    const gaps = looks.slice(1).map((at, index) => at - (looks[index] ?? 0));
    expect(gaps.filter((gap) => gap > 0 && gap < 300_000)).toEqual([]);
  });

  it('whose poll is answered 503 with Retry-After is waited for: no failure, no message, no second run', async () => {
    account = await startVirtualAccount({}, { validationMs: MINUTE });
    const busy = { kind: 'answer', status: 503, headers: { 'retry-after': '20' }, body: '<html>busy</html>' } as const;
    account.ca.faults.add({ endpoint: 'order', fault: busy });
    await deploy();
    await account.sweep();
    expect(failing()).toEqual([]);
    expect(account.ca.journal.issued).toHaveLength(1);
  });

  it('that the CA leaves processing for three days is told to people [H14]', async () => {
    account = await startVirtualAccount({}, { finalize: { processingMs: 3 * DAY } });
    await deploy();
    await account.live(DAY, 3 * HOUR);
    expect(account.sns.messages()).not.toEqual([]);
  });
});

describe('a challenge', () => {
  it('whose answer meets one refused connection costs a repeat, not the run', async () => {
    account = await startVirtualAccount();
    account.ca.faults.add({ endpoint: 'challenge', fault: { kind: 'refuse' } });
    await deploy();
    await account.sweep();
    expect(failing()).toEqual([]);
    expect(account.ca.journal.issued).toHaveLength(1);
  });
});

describe('a finalize', () => {
  it('that CAA forbade for four hours is sent again once a person has mended it, not only a week later [H12]', async () => {
    account = await startVirtualAccount();
    account.ca.faults.add({
      endpoint: 'finalize',
      fault: problem(403, 'caa', 'CAA record for example.test prevents issuance'),
      times: Number.POSITIVE_INFINITY,
      when: until(START + 4 * HOUR),
    });
    await deploy();
    await account.live(5 * HOUR);
    await account.live(2 * DAY, HOUR);
    expect(account.ca.journal.issued).toHaveLength(1);
  });

  it('whose key was refused three times is still sent once the CA takes the fourth [H8]', async () => {
    account = await startVirtualAccount();
    account.ca.faults.add({ endpoint: 'finalize', fault: problem(400, 'badCSR', 'CSR refused'), times: 3 });
    await deploy();
    await account.live(2 * DAY, 30 * MINUTE);
    expect(account.ca.journal.issued).toHaveLength(1);
  });

  it('that met 500 for five minutes is sent again before the order has expired', async () => {
    account = await startVirtualAccount();
    account.ca.faults.add({
      endpoint: 'finalize',
      fault: { kind: 'answer', status: 500, body: '{}' },
      times: Number.POSITIVE_INFINITY,
      when: until(START + 5 * MINUTE),
    });
    await deploy();
    await account.live(2 * DAY, 30 * MINUTE);
    expect(account.ca.journal.issued).toHaveLength(1);
  });

  it('that a proxy answers 504 while the CA still works on it is not sent a second time', async () => {
    account = await startVirtualAccount(
      { send: answerEarly(() => account.ca) },
      { habits: BOULDER_HABITS, finalize: { acceptMs: 20_000 } },
    );
    await deploy();
    await account.live(HOUR);
    expect(account.ca.journal.count('finalize')).toBe(1);
    expect(account.ca.journal.issued).toHaveLength(1);
  });
});

/** A proxy that gives up on the CA's first finalize, which goes on all the same. */
function answerEarly(ca: () => Ca): HttpSend {
  const send = sendTo(ca);
  let gaveUp = false;
  return async (request) => {
    if (gaveUp || !request.url.includes('/finalize/')) return send(request);
    gaveUp = true;
    // The CA works on although the invocation that asked has its answer: time waits for both.
    account.virtual.outside(() => send(request)).catch(() => undefined);
    return { status: 504, headers: {}, body: '<html>Gateway Time-out</html>' };
  };
}
