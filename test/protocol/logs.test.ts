import { afterEach, describe, expect, it } from 'vitest';
import { InvocationKilled } from '../../local/embedded/calls.ts';
import { liveUntil, problemFault } from '../faults/stage.ts';
import { recordLines } from '../support/log-lines.ts';
import type { VirtualAccount } from '../support/virtual-account.ts';
import { HOUR, startVirtualAccount } from '../support/virtual-account.ts';

let account: VirtualAccount;
afterEach(() => account.close());

const DOMAIN = 'example.test';
const FOREVER = Number.POSITIVE_INFINITY;

describe('the log of a certificate', () => {
  it('tells its story: each step, each request to the CA, each look at its name servers', async () => {
    const { onLog, lines } = recordLines();
    account = await startVirtualAccount({ onLog });
    await account.deploy([account.declaration('site', [DOMAIN])]);
    await account.sweep();
    const story = lines().filter(({ certificate }) => certificate === 'site');
    const told = story.map(({ event, message }) => `${event} ${message}`);
    expect(told.filter((line) => !line.includes('new-nonce'))).toEqual([
      'caRequest GET /directory 200',
      'caRequest POST /acme/new-acct 201',
      'caRequest POST /acme/new-order 201',
      'caRequest POST /acme/authz/* 200',
      'step create-order: pending',
      'dnsLook all name servers show the values',
      'caRequest POST /acme/chall/* 200',
      'caRequest POST /acme/order/* 200',
      'step poll-order: ready',
      'caRequest POST /acme/finalize/* 200',
      'caRequest POST /acme/cert/* 200',
      'step finalize-order: done',
      'step push-target: proving',
      'step probe-target: done',
    ]);
    const [renewal, push] = account.interpreter.executions.filter(({ machine }) => machine !== 'sweep');
    const runs = new Set(story.map(({ kind, execution }) => `${kind} ${execution}`));
    expect([...runs]).toEqual([`renew ${renewal?.arn}`, `push ${push?.arn}`]);
    expect(account.ca.journal.requests.length).toBe(lines().filter(({ event }) => event === 'caRequest').length);
  });

  it('tells a refusal with all that the support of a CA asks for', async () => {
    const { onLog, lines } = recordLines();
    account = await startVirtualAccount({ onLog });
    const headers = { 'content-type': 'application/problem+json', 'x-request-id': 'request-1' };
    const fault = problemFault(403, 'rejectedIdentifier', 'this name is not allowed', { headers });
    account.ca.faults.add({ endpoint: 'newOrder', fault });
    await account.deploy([account.declaration('site', [DOMAIN])]);
    await account.sweep();
    const known = { ca: 'local', request: 'newOrder', httpStatus: 403, problemType: 'rejectedIdentifier' };
    expect(lines().filter(({ requestId }) => requestId === 'request-1')).toMatchObject([
      { ...known, event: 'caRequest', level: 'WARN', path: '/acme/new-order' },
      { ...known, event: 'failure', level: 'ERROR', class: 'person', code: 'rejectedIdentifier', certificate: 'site' },
    ]);
  });

  it('counts the servers that do not show a value, and holds neither value nor token where that fails a run', async () => {
    const { onLog, texts, lines } = recordLines();
    account = await startVirtualAccount({ onLog });
    account.dns.faults.set(`_acme-challenge.${DOMAIN}`, { kind: 'lag', until: FOREVER });
    const values = new Set<string>();
    account.calls.plan = (_call, act) => {
      for (const value of account.txtValues()) values.add(value.replaceAll('"', ''));
      return act();
    };
    await account.deploy([account.declaration('site', [DOMAIN])]);
    await account.sweep();
    await liveUntil(account, () => lines().some(({ code }) => code === 'dnsNotPropagated'), 2 * HOUR);
    expect(lines().find(({ event }) => event === 'dnsLook')).toMatchObject({
      names: 1,
      servers: 4,
      missing: 4,
      silent: 0,
    });
    expect(lines().find(({ event }) => event === 'failure')?.message).toMatch(/does not show the TXT value \[digest\]/);
    expect(values.size).toBeGreaterThan(0);
    expect(texts.filter((text) => [...values].some((value) => text.includes(value)))).toEqual([]);
  });

  it('tells of a step that died, which could not do so itself', async () => {
    const { onLog, lines } = recordLines();
    account = await startVirtualAccount({ onLog });
    account.calls.plan = ({ handler, service }, act) =>
      handler === 'create-order' && service === 'acme' ? account.calls.kill() : act();
    await account.deploy([account.declaration('site', [DOMAIN])]);
    await account.sweep();
    const { name: code } = new InvocationKilled('create-order');
    const told = lines().filter(({ certificate }) => certificate === 'site');
    expect(told.filter(({ event }) => event === 'failure')).toMatchObject([
      { handler: 'record-failure', class: 'transient', code },
    ]);
    expect(told.map(({ status }) => status)).toEqual([undefined, 'recorded', 'ignored']);
  });
});
