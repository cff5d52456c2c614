import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { afterEach, describe, expect, it } from 'vitest';
import type { AttemptRow } from '../../lambdas/core/attempt-rows.ts';
import { listAttempts } from '../../lambdas/store/attempts.ts';
import { problemAnswer } from '../faults/support.ts';
import type { VirtualAccount } from '../support/virtual-account.ts';
import { DAY, HOUR, MINUTE, startVirtualAccount } from '../support/virtual-account.ts';

let account: VirtualAccount;
afterEach(() => account.close());

const DOMAIN = 'example.test';
const attempts = () => listAttempts(account.ports.base.table, 'site', 20);

async function issue(): Promise<void> {
  await account.deploy([account.declaration('site', [DOMAIN])]);
  await account.sweep();
}

const statusesOf = (of: string, { entries }: AttemptRow): readonly string[] =>
  entries.flatMap((entry) => (entry.kind === 'seen' && entry.of === of ? [entry.to] : []));

describe('an attempt', () => {
  it('tells each status of order, authorization and challenge, and the certificate it led to', async () => {
    account = await startVirtualAccount({}, { validationMs: 5_000, finalize: { processingMs: 5_000 } });
    await issue();
    const [attempt, ...others] = await attempts();
    if (attempt === undefined) throw new Error('there is no attempt');
    expect(others).toEqual([]);
    expect(statusesOf('order', attempt)).toEqual(['pending', 'ready', 'processing', 'valid']);
    expect(statusesOf('authorization', attempt)).toEqual(['pending']);
    expect(statusesOf('challenge', attempt)).toEqual(['processing']);
    const { version } = await account.role('site');
    expect(attempt.entries.at(-1)).toMatchObject({ kind: 'certificate', state: 'stored', version });
    expect(attempt).toMatchObject({ certificate: 'site', outcome: 'issued' });
    expect(attempt.ttl * 1000).toBeGreaterThan(attempt.lastAt + 365 * DAY);
  });

  it('goes on through parked runs, and a refused newOrder is one of its own', async () => {
    account = await startVirtualAccount({}, { finalize: { processingMs: 2 * HOUR } });
    account.ca.faults.add({
      endpoint: 'newOrder',
      fault: problemAnswer(429, 'rateLimited', 'too many', {
        headers: { 'Retry-After': '3600', 'X-Request-Id': 'abc-1' },
      }),
    });
    await account.deploy([account.declaration('site', [DOMAIN])]);
    await account.live(5 * HOUR);
    const [second, first, ...others] = await attempts();
    expect(others).toEqual([]);
    expect(first).toMatchObject({ outcome: 'failed' });
    expect(first?.entries[0]).toMatchObject({ kind: 'refused', status: 429, requestId: 'abc-1' });
    expect(second).toMatchObject({ outcome: 'issued' });
    expect(new Set(second?.entries.map(({ run }) => run)).size).toBeGreaterThan(1);
  }, 180_000);

  it('keeps a 403 in full, with what the CA calls the request', async () => {
    account = await startVirtualAccount();
    const detail = `CAA record for ${DOMAIN} prevents issuance ${'x'.repeat(600)}`;
    account.ca.faults.add({
      endpoint: 'finalize',
      fault: problemAnswer(403, 'caa', detail, { headers: { 'X-Request-Id': 'req-403' } }),
    });
    await issue();
    const [attempt] = await attempts();
    const refused = attempt?.entries.find(({ kind }) => kind === 'refused');
    expect(refused).toMatchObject({ request: 'finalize', status: 403, requestId: 'req-403', problem: { detail } });
  });

  it('tells an impossible step back once, and that it was not acted on', async () => {
    account = await startVirtualAccount({}, { validationMs: MINUTE });
    let lie = true;
    account.ca.faults.add({
      endpoint: 'order',
      times: 3,
      call: 1,
      when: () => account.ca.journal.count('finalize') > 0,
      fault: { kind: 'rewrite', change: (answer) => ({ ...answer, body: answer.body.replace('"valid"', '"ready"') }) },
    });
    account.ca.faults.add({
      endpoint: 'finalize',
      fault: {
        kind: 'rewrite',
        change: (answer) => {
          const changed = lie ? answer.body.replace('"valid"', '"processing"') : answer.body;
          lie = false;
          return { ...answer, body: changed };
        },
      },
    });
    await issue();
    const [attempt] = await attempts();
    const impossible = attempt?.entries.filter((entry) => entry.kind === 'seen' && entry.transition === 'impossible');
    expect(impossible).toHaveLength(1);
    expect(impossible?.[0]).toMatchObject({ from: 'processing', to: 'ready' });
    expect(account.ca.journal.count('finalize')).toBe(1);
    expect(account.ca.journal.issued).toHaveLength(1);
  });

  it('holds no token, key or signature', async () => {
    account = await startVirtualAccount();
    account.ca.faults.add({ endpoint: 'challenge', fault: problemAnswer(500, 'serverInternal', 'oops') });
    const values = new Set<string>();
    account.calls.plan = async (_call, act) => {
      const answer = await act();
      for (const value of account.txtValues()) values.add(value);
      return answer;
    };
    await issue();
    const told = JSON.stringify(await attempts());
    expect(values.size).toBeGreaterThan(0);
    for (const value of values) expect(told).not.toContain(value);
    expect(told).not.toMatch(/PRIVATE KEY|"signature"|"protected"|ciphertext|"csr"/);
  });

  it('that cannot be written fails no run', async () => {
    account = await startVirtualAccount();
    let failures = 0;
    account.calls.plan = async (call, act) => {
      const isHistory = new Error('where').stack?.includes('attempts.ts') ?? false;
      if (call.operation !== 'UpdateItem' || !isHistory) return act();
      failures += 1;
      throw new Error('no history today');
    };
    await issue();
    expect(failures).toBeGreaterThan(0);
    expect(await attempts()).toEqual([]);
    expect(account.ca.journal.issued).toHaveLength(1);
  });
});

describe('history that is purged', () => {
  it('lets nothing be issued, and the next renewal is where it was [J17]', async () => {
    account = await startVirtualAccount();
    await issue();
    const before = await account.role('site');
    const { table } = account.ports.base;
    for (const { pk, sk } of await attempts())
      await table.client.send(new DeleteCommand({ TableName: table.name, Key: { pk, sk } }));
    expect(await attempts()).toEqual([]);
    await account.live(2 * DAY, 6 * HOUR);
    expect(account.ca.journal.issued).toHaveLength(1);
    expect((await account.role('site')).renewAt).toBe(before.renewAt);
    expect(account.sns.messages()).toHaveLength(1);
  });
});
