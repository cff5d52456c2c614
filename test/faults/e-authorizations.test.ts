import { afterEach, describe, expect, it } from 'vitest';
import { startRun } from '../../lambdas/steps/start-run.ts';
import { BOULDER_HABITS } from '../../local/ca/habits.ts';
import type { VirtualAccount } from '../support/virtual-account.ts';
import { HOUR, MINUTE, startVirtualAccount } from '../support/virtual-account.ts';
import { expectOracles } from './oracles.ts';
import {
  askedAt,
  changedChallenges,
  changedJson,
  firstUrlOnly,
  problemAnswer,
  txtSets,
  watchTxtNames,
} from './support.ts';

let account: VirtualAccount;
afterEach(() => account.close());

const DOMAIN = 'example.test';
const ALWAYS = Number.POSITIVE_INFINITY;
const now = () => account.virtual.clock.now();

async function issue(...domains: readonly string[]): Promise<void> {
  await account.deploy([account.declaration('site', domains)]);
  await account.sweep();
}

/** Renews although nothing is due, and all that follows from it. */
async function force(): Promise<void> {
  await startRun({ ...account.ports.base, deadline: now() + MINUTE }, await account.role('site'), true);
  await account.sweep();
}

const failureOf = async (certificate = 'site') => (await account.role(certificate)).failure;

describe('an authorization', () => {
  it('that is valid already gets no TXT value; the pending ones beside it do [E1]', async () => {
    account = await startVirtualAccount({}, { habits: BOULDER_HABITS });
    await account.deploy([account.declaration('first', ['a.example.test'])]);
    await account.sweep();
    const names = watchTxtNames(account);
    const answered = account.ca.journal.count('challenge');
    await account.deploy([
      account.declaration('first', ['a.example.test']),
      account.declaration('site', ['a.example.test', 'b.example.test']),
    ]);
    await account.sweep();
    expect([...names]).toEqual(['_acme-challenge.b.example.test']);
    expect(account.ca.journal.count('challenge')).toBe(answered + 1);
    await expectOracles(account, { domain: 'b.example.test', issued: 1 });
  });

  it('whose challenge is processing when a killed step begins again keeps its TXT value and is polled [E2]', async () => {
    account = await startVirtualAccount({}, { validationMs: 30_000 });
    let kills = 0;
    const values: (readonly string[])[] = [];
    account.calls.plan = async (_call, act) => {
      const answer = await act();
      const isOver = account.ca.control.orders().some(({ status }) => status !== 'pending');
      if (account.ca.journal.count('challenge') > 0 && !isOver) values.push(account.txtValues());
      if (account.ca.journal.count('challenge') === 1 && kills === 0) {
        kills += 1;
        return account.calls.kill();
      }
      return answer;
    };
    await issue(DOMAIN);
    await account.settleDown(HOUR);
    expect(kills).toBe(1);
    expect(values.length).toBeGreaterThan(0);
    expect(values.filter((each) => each.length !== 1)).toEqual([]);
    expect(account.ca.journal.count('newOrder')).toBe(1);
    await expectOracles(account, { domain: DOMAIN, issued: 1, told: 1 });
  });

  it('that offers no dns-01 is told with the types on offer, and no TXT value is written [E4]', async () => {
    account = await startVirtualAccount({}, { challenges: ['http-01'] });
    const names = watchTxtNames(account);
    await issue(DOMAIN);
    expect(await failureOf()).toMatchObject({ class: 'person', code: 'dns01NotOffered' });
    expect((await failureOf())?.message).toContain('http-01');
    expect([...names]).toEqual([]);
    await expectOracles(account, { domain: DOMAIN, issued: 0, told: 1, orderKept: true });
  });

  it('with challenge types and fields that nobody knows is validated by its dns-01 [E5]', async () => {
    account = await startVirtualAccount({}, { challenges: ['dns-persist-01', 'dns-01', 'dns-account-01'] });
    for (const endpoint of ['authorization', 'challenge', 'order'] as const)
      account.ca.faults.add({ endpoint, fault: { kind: 'extraFields' }, times: ALWAYS });
    account.ca.faults.add({ endpoint: 'newOrder', fault: { kind: 'extraFields' }, times: ALWAYS });
    await issue(DOMAIN);
    await expectOracles(account, { domain: DOMAIN, issued: 1 });
  });

  it('of a wildcard and one of its apex have their values side by side at one name, and lose them together [E6]', async () => {
    account = await startVirtualAccount();
    const seen: number[] = [];
    account.calls.plan = async (_call, act) => {
      const answer = await act();
      seen.push(txtSets(account).get('_acme-challenge.example.test')?.length ?? 0);
      return answer;
    };
    await issue(DOMAIN, '*.example.test');
    expect([...new Set(seen)]).toEqual([0, 2]);
    expect(seen.at(-1)).toBe(0);
    await expectOracles(account, { domain: DOMAIN, issued: 1 });
  });

  it.each([
    [404, 'malformed'],
    [403, 'unauthorized'],
  ])('that is answered %d is given up with its order for a new one [E7]', async (status, type) => {
    account = await startVirtualAccount();
    account.ca.faults.add({
      endpoint: 'authorization',
      times: ALWAYS,
      when: firstUrlOnly(),
      fault: problemAnswer(status, type, 'no such authorization'),
    });
    await issue(DOMAIN);
    expect(await failureOf()).toMatchObject({ class: 'reorder', code: 'authorizationLost' });
    await account.settleDown(HOUR);
    expect(account.ca.journal.count('newOrder')).toBe(2);
    await expectOracles(account, { domain: DOMAIN, issued: 1, told: 1 });
  });

  it.each(['deactivated', 'revoked', 'expired'])(
    'that is %s is given up with its order for a new one [E8]',
    async (status) => {
      account = await startVirtualAccount();
      account.ca.faults.add({
        endpoint: 'authorization',
        times: ALWAYS,
        when: firstUrlOnly(),
        fault: changedJson((body) => ({ ...body, status })),
      });
      await issue(DOMAIN);
      await account.settleDown(HOUR);
      expect(account.ca.journal.count('newOrder')).toBe(2);
      await expectOracles(account, { domain: DOMAIN, issued: 1, told: 1 });
    },
  );

  it('that the CA takes back while its DNS is awaited ends the order, and a new one follows [E8]', async () => {
    account = await startVirtualAccount();
    account.ca.faults.add({
      endpoint: 'challenge',
      fault: {
        kind: 'rewrite',
        change: (answer) => {
          for (const { account: url } of account.ca.control.orders())
            account.ca.control.revokeAuthorizations(url, DOMAIN);
          return answer;
        },
      },
    });
    await issue(DOMAIN);
    await account.settleDown(HOUR);
    expect(account.ca.journal.count('newOrder')).toBe(2);
    await expectOracles(account, { domain: DOMAIN, issued: 1, told: 1 });
  });

  it('that is PRE_APPROVED and has no challenges needs no DNS: its order is ready and is finalized [E12]', async () => {
    account = await startVirtualAccount({}, { habits: BOULDER_HABITS });
    await issue(DOMAIN);
    account.ca.faults.add({
      endpoint: 'authorization',
      times: ALWAYS,
      fault: changedJson((body) => ({ ...body, status: 'PRE_APPROVED', challenges: [] })),
    });
    const names = watchTxtNames(account);
    await force();
    expect([...names]).toEqual([]);
    await expectOracles(account, { domain: DOMAIN, issued: 2 });
  });

  it('that is PRE_APPROVED while its order is still pending is waited for, without a challenge [E12]', async () => {
    account = await startVirtualAccount({}, { habits: BOULDER_HABITS });
    await issue(DOMAIN);
    const answered = account.ca.journal.count('challenge');
    const until = now() + 2 * MINUTE;
    account.ca.faults.add({
      endpoint: 'authorization',
      times: ALWAYS,
      fault: changedJson((body) => ({ ...body, status: 'PRE_APPROVED', challenges: [] })),
    });
    for (const endpoint of ['newOrder', 'order'] as const) {
      account.ca.faults.add({
        endpoint,
        times: ALWAYS,
        when: () => now() < until,
        fault: changedJson((body) => ({ ...body, status: body.status === 'ready' ? 'pending' : body.status })),
      });
    }
    const names = watchTxtNames(account);
    await force();
    expect([...names]).toEqual([]);
    expect(account.ca.journal.count('challenge')).toBe(answered);
    await expectOracles(account, { domain: DOMAIN, issued: 2 });
  });
});

describe('a challenge', () => {
  it.each([
    ['empty', ''],
    ['huge', 'x'.repeat(3_000)],
    ['no base64url', '../../etc/passwd?token=aaaaaaaa'],
  ])('whose token is %s is refused before anything goes into DNS [E9]', async (_what, token) => {
    account = await startVirtualAccount();
    account.ca.faults.add({
      endpoint: 'authorization',
      times: ALWAYS,
      fault: changedChallenges((challenge) => ({ ...challenge, token })),
    });
    const names = watchTxtNames(account);
    await issue(DOMAIN);
    expect(await failureOf()).toMatchObject({ class: 'caSide', code: 'badToken' });
    expect([...names]).toEqual([]);
    expect(account.ca.journal.count('challenge')).toBe(0);
    await expectOracles(account, { domain: DOMAIN, issued: 0, told: 1, orderKept: true });
  });

  it.each([
    ['is missing', undefined],
    ['is on another host', 'https://evil.example/chall/1'],
    ['is not https', 'http://ca.localhost/chall/1'],
  ])('whose URL %s is refused before anything goes into DNS [E10]', async (_what, url) => {
    account = await startVirtualAccount();
    account.ca.faults.add({
      endpoint: 'authorization',
      times: ALWAYS,
      fault: changedChallenges((challenge) => ({ ...challenge, url })),
    });
    const names = watchTxtNames(account);
    await issue(DOMAIN);
    expect(await failureOf()).toMatchObject({ class: 'caSide', code: 'foreignUrl' });
    expect([...names]).toEqual([]);
    expect(account.ca.journal.count('challenge')).toBe(0);
    await expectOracles(account, { domain: DOMAIN, issued: 0, told: 1, orderKept: true });
  });

  it('shares its name with the value of another stack, which is there before, meanwhile and afterwards [E11]', async () => {
    account = await startVirtualAccount();
    const { dns } = account.ports.order;
    const foreign = { ...(await dns.locate(`_acme-challenge.${DOMAIN}`)), value: 'the-other-stack' };
    await dns.publish([foreign]);
    const seen = new Set<string>();
    account.calls.plan = async (_call, act) => {
      const answer = await act();
      seen.add((txtSets(account).get(`_acme-challenge.${DOMAIN}`) ?? []).join(' '));
      return answer;
    };
    await issue(DOMAIN);
    const sets = [...seen];
    expect(sets.every((values) => values.includes('the-other-stack'))).toBe(true);
    expect(sets.some((values) => values.split(' ').length === 2)).toBe(true);
    expect(txtSets(account).get(`_acme-challenge.${DOMAIN}`)?.join()).toContain('the-other-stack');
    await dns.remove([foreign]);
    await expectOracles(account, { domain: DOMAIN, issued: 1 });
  });

  it('of a reused pending authorization has its value there from a run that died: no second one, and none stays [E13]', async () => {
    account = await startVirtualAccount({ statusRule: false }, { habits: BOULDER_HABITS });
    await account.deploy([account.declaration('dying', [DOMAIN])]);
    account.calls.plan = (call, act) =>
      ['poll-order', 'record-failure'].includes(call.handler) ? account.calls.kill() : act();
    await account.sweep();
    const [left] = account.txtValues();
    expect(left).toBeDefined();
    const most: number[] = [];
    account.calls.plan = async (_call, act) => {
      const answer = await act();
      most.push(account.txtValues().filter((value) => value === left).length);
      return answer;
    };
    await account.deploy([account.declaration('site', [DOMAIN, 'www.example.test'])]);
    await account.sweep();
    expect(Math.max(...most)).toBe(1);
    expect(askedAt(account, 'newOrder')).toHaveLength(2);
    await account.live(3 * HOUR);
    await expectOracles(account, { domain: 'www.example.test', issued: 1 });
  });
});
