import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { afterEach, describe, expect, it } from 'vitest';
import { resolveConfig } from '../../infra/config/resolve.ts';
import { roleKey } from '../../lambdas/core/rows.ts';
import { queryItems } from '../../lambdas/store/table.ts';
import { ariRow, askAgain, replacesSent, startWithAri, suggest, sweepAt } from '../support/renewal-info.ts';
import type { VirtualAccount } from '../support/virtual-account.ts';
import { DAY, HOUR, MINUTE, startVirtualAccount } from '../support/virtual-account.ts';
import { expectOracles, servedAt } from './oracles.ts';

let account: VirtualAccount;
afterEach(() => account.close());

const DOMAIN = 'example.test';
const ALWAYS = { times: Number.POSITIVE_INFINITY };
const PROBLEM = { 'content-type': 'application/problem+json' };
const now = () => account.virtual.clock.now();
const asked = () => account.ca.journal.count('renewalInfo');

function refuse(status: number, headers: Readonly<Record<string, string>> = {}): void {
  const body = JSON.stringify({ type: 'urn:ietf:params:acme:error:malformed', detail: 'not here', status });
  const fault = { kind: 'answer', status, headers: { ...PROBLEM, ...headers }, body } as const;
  account.ca.faults.add({ endpoint: 'renewalInfo', fault, ...ALWAYS });
}

/** The renewal comes at its instant, not a sweep sooner, and all oracles hold after it. */
async function expectRenewalAt(instant: number): Promise<void> {
  const before = await servedAt(account, DOMAIN);
  await sweepAt(account, instant - MINUTE);
  expect(account.ca.journal.issued).toHaveLength(1);
  await sweepAt(account, instant + MINUTE);
  await expectOracles(account, { domain: DOMAIN, issued: 2, before });
}

describe('a question that fails for long', () => {
  it('is asked again in six hours where the CA does not know the certificate, which is renewed by the default rule [J1]', async () => {
    account = await startWithAri();
    const { renewAt = 0 } = await account.role('site');
    refuse(404);
    const { failure, dueAt = 0 } = await askAgain(account);
    expect(failure).toMatchObject({ lasting: true, count: 1 });
    expect(dueAt - now()).toBeGreaterThanOrEqual(6 * HOUR - MINUTE);
    expect(dueAt - now()).toBeLessThanOrEqual(6.6 * HOUR);
    await expectRenewalAt(renewAt);
  });

  it('is asked again soon, then more and more rarely, where the CA gives no answer, and is answered in the end [J2]', async () => {
    account = await startWithAri();
    const { renewAt } = await account.role('site');
    const faults = [
      account.ca.faults.add({ endpoint: 'renewalInfo', fault: { kind: 'refuse' }, times: 3 }),
      account.ca.faults.add({ endpoint: 'renewalInfo', fault: { kind: 'reset' }, call: 4, times: 3 }),
      account.ca.faults.add({ endpoint: 'renewalInfo', fault: { kind: 'answer', status: 502 }, call: 7, times: 6 }),
    ];
    const waits: number[] = [];
    for (let times = 0; times < 12; times += 1) waits.push(((await askAgain(account)).dueAt ?? 0) - now());
    expect(faults.map((fault) => fault.played())).toEqual([3, 3, 6]);
    for (const [at, wait] of waits.entries()) {
      const least = Math.min(6 * HOUR, MINUTE * 2 ** at);
      expect(wait).toBeGreaterThanOrEqual(least - 1);
      expect(wait).toBeLessThanOrEqual(least * 1.1);
    }
    expect((await account.role('site')).renewAt).toBe(renewAt);
    const { failure, drawnAt } = await askAgain(account);
    expect(failure).toBeUndefined();
    expect((await account.role('site')).renewAt).toBe(drawnAt);
  });

  it.each([
    ['is no JSON', '<html>soon</html>'],
    ['has no window', '{"explanationURL":"https://ca.test/why"}'],
    ['has a window that ends before it begins', window('2027-02-02T00:00:00Z', '2027-02-01T00:00:00Z')],
    ['has a window of no length', window('2027-02-01T00:00:00Z', '2027-02-01T00:00:00Z')],
    ['has a window in another form than RFC 3339', window('1 Feb 2027', '2 Feb 2027')],
    ['has a window in the year 9999', window('9999-01-01T00:00:00Z', '9999-01-02T00:00:00Z')],
  ])('is an answer that %s: the default rule holds [J3]', async (_what, body) => {
    account = await startWithAri();
    const { renewAt } = await account.role('site');
    suggest(account, { body });
    const { failure, dueAt = 0, drawnAt } = await askAgain(account);
    expect(failure?.lasting).toBe(true);
    expect(drawnAt).toBeUndefined();
    expect(dueAt - now()).toBeGreaterThanOrEqual(6 * HOUR - MINUTE);
    expect((await account.role('site')).renewAt).toBe(renewAt);
  });

  function window(start: string, end: string): string {
    return JSON.stringify({ suggestedWindow: { start, end } });
  }

  it('no longer puts a renewal off once the CA has lost the certificate whose window it had moved [J1]', async () => {
    account = await startWithAri();
    const { renewAt, notAfter = 0 } = await account.role('site');
    suggest(account, { window: { start: notAfter - 12 * DAY, end: notAfter - 11 * DAY } });
    await askAgain(account);
    expect((await account.role('site')).renewAt).toBeGreaterThan(renewAt ?? 0);
    refuse(404);
    await askAgain(account);
    expect((await account.role('site')).renewAt).toBe(renewAt);
    expect((await account.role('site')).dueAt).toBe(renewAt);
  });
});

describe('a window', () => {
  it('that has passed has the certificate renewed in the same sweep, once, though 60 days of its life are left [J4]', async () => {
    account = await startWithAri();
    const before = await servedAt(account, DOMAIN);
    suggest(account, { window: { start: now() - HOUR, end: now() - HOUR / 2 } });
    await account.sweep();
    expect(account.ca.journal.issued).toHaveLength(2);
    await account.live(2 * HOUR, 30 * MINUTE);
    expect(account.interpreter.executions.filter(({ machine }) => machine === 'renewal')).toHaveLength(2);
    await expectOracles(account, { domain: DOMAIN, issued: 2, before });
    const [first] = account.ca.journal.issued;
    expect(replacesSent(account)).toEqual(['none', first?.certId]);
  });

  it('that is far ahead puts a renewal off beyond the third of the lifetime [J5]', async () => {
    account = await startWithAri();
    const { notAfter = 0, renewAt: byDefault = 0 } = await account.role('site');
    suggest(account, { window: { start: notAfter - 12 * DAY, end: notAfter - 11 * DAY } });
    const { drawnAt = 0 } = await askAgain(account);
    expect(drawnAt).toBeGreaterThanOrEqual(notAfter - 12 * DAY);
    expect(drawnAt).toBeLessThan(notAfter - 11 * DAY);
    await sweepAt(account, byDefault + DAY);
    expect(account.ca.journal.issued).toHaveLength(1);
    await expectRenewalAt(drawnAt);
  });

  it.each([
    ['within the last twentieth of the lifetime waits only until that begins', 2, 1],
    ['beyond the end of the certificate is none', 1, -1],
  ])('%s [J5]', async (_what, startDays, endDays) => {
    account = await startWithAri();
    const { notBefore = 0, notAfter = 0, renewAt = 0 } = await account.role('site');
    suggest(account, { window: { start: notAfter - startDays * DAY, end: notAfter - endDays * DAY } });
    await askAgain(account);
    const lastTwentieth = Math.round(notAfter - (notAfter - notBefore) / 20);
    expect((await account.role('site')).renewAt).toBe(endDays < 0 ? renewAt : lastTwentieth);
  });

  it('that stays the same is drawn from once, however often it is told [J6]', async () => {
    account = await startWithAri({ retryAfter: { renewalInfo: 60 } });
    const { drawnAt, window } = await askAgain(account);
    for (let times = 0; times < 100; times += 1) {
      expect((await askAgain(account)).drawnAt).toBe(drawnAt);
    }
    expect(asked()).toBe(101);
    suggest(account, { window: { start: (window?.start ?? 0) - DAY, end: window?.end ?? 0 } });
    const other = await askAgain(account);
    expect(other.drawnAt).not.toBe(drawnAt);
    expect((await account.role('site')).renewAt).toBe(other.drawnAt);
  });

  it('with a reason is told to people once for a reason, and to machines for each certificate [J7]', async () => {
    account = await startVirtualAccount({}, { renewalInfo: true });
    await account.deploy([account.declaration('site', [DOMAIN]), account.declaration('shop', ['shop.example.test'])]);
    await account.sweep();
    const explanationURL = 'https://ca.test/incident/7';
    for (const domain of [DOMAIN, 'shop.example.test']) {
      suggest(account, { window: { start: now() + DAY, end: now() + 2 * DAY }, explanationURL }, domain);
    }
    await account.sweep();
    await account.live(13 * HOUR, 6.5 * HOUR);
    const told = account.sns.messages().filter(({ message }) => message.includes(explanationURL));
    expect(told.map(({ subject }) => subject)).toEqual([
      expect.stringMatching(/local explains when (site|shop) is to be renewed/),
    ]);
    const events = account.events.events().filter(({ detailType }) => detailType === 'certificate.renewal-moved');
    expect(events.map(({ detail }) => JSON.parse(JSON.stringify(detail)).certificate).sort()).toEqual(['shop', 'site']);
    expect(JSON.stringify(events[0]?.detail)).toContain(explanationURL);
  });

  it.each([
    ['is missing: six hours', undefined, 6 * HOUR, 6.6 * HOUR],
    ['is garbage: six hours', 'soon', 6 * HOUR, 6.6 * HOUR],
    ['is 0: a minute', '0', MINUTE, 1.1 * MINUTE],
    ['is 20 seconds: a minute', '20', MINUTE, 1.1 * MINUTE],
    ['is a date two hours ahead: then', new Date(Date.UTC(2027, 0, 1, 2)).toUTCString(), 1.9 * HOUR, 2.2 * HOUR],
    ['is a year: a day', String(365 * 86_400), DAY, DAY],
  ])('is asked for again by a Retry-After that %s [J8]', async (_what, retryAfter, least, most) => {
    account = await startWithAri();
    const change = ({ status, headers, body }: { status: number; headers: object; body: string }) => {
      const others = Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'retry-after');
      const told = retryAfter === undefined ? [] : [['Retry-After', retryAfter]];
      return { status, body, headers: Object.fromEntries([...others, ...told]) };
    };
    account.ca.faults.add({ endpoint: 'renewalInfo', fault: { kind: 'rewrite', change } });
    const { dueAt = 0, failure } = await askAgain(account);
    expect(failure).toBeUndefined();
    expect(dueAt - now()).toBeGreaterThanOrEqual(least);
    expect(dueAt - now()).toBeLessThanOrEqual(most);
  });

  it('narrower than a day is met by sweeps that come hourly at least, which is checked at synth [J12]', async () => {
    const configured = (checkInterval: string) => () =>
      resolveConfig({
        certificates: [{ name: 'site', domains: ['www.your.domain'], cas: ['letsencrypt'], profile: 'shortlived' }],
        alerts: 'none',
        checkInterval,
      });
    expect(configured('2 hours')).toThrow(
      /checkInterval.*1 hour.*because the certificates of site live for days only/s,
    );
    expect(configured('1 hour')).not.toThrow();
    account = await startVirtualAccount({}, { renewalInfo: true });
    const [ca] = account.declaration('site', [DOMAIN]).cas;
    await account.deploy([account.declaration('site', [DOMAIN], { cas: [{ ...ca, profile: 'shortlived' }] })]);
    await account.sweep();
    const { window, drawnAt = 0 } = await askAgain(account);
    expect((window?.end ?? 0) - (window?.start ?? 0)).toBeLessThan(3.3 * HOUR);
    await sweepAt(account, drawnAt - HOUR);
    await account.live(2 * HOUR, HOUR);
    const renewed = account.ca.journal.issued[1]?.at ?? 0;
    expect(renewed - drawnAt).toBeGreaterThanOrEqual(0);
    expect(renewed - drawnAt).toBeLessThanOrEqual(HOUR);
  });
});

describe('a certificate that has ended', () => {
  it('is not asked about, and is renewed first of all, the earliest end before the others [J9, J16]', async () => {
    account = await startVirtualAccount({}, { renewalInfo: true });
    const [ca] = account.declaration('site', [DOMAIN]).cas;
    const shorter = { cas: [{ ...ca, profile: 'tlsserver' }] } as const;
    await account.deploy([
      account.declaration('site', [DOMAIN]),
      account.declaration('shop', ['shop.example.test'], shorter),
    ]);
    await account.sweep();
    await account.virtual.advance(100 * DAY);
    await account.sweep();
    expect(asked()).toBe(0);
    expect(account.ca.journal.issued).toHaveLength(4);
    const runs = account.interpreter.executions.filter(({ machine }) => machine === 'renewal').slice(2);
    expect(runs.map(({ input }) => JSON.stringify(input)).map((text) => /CERT#(\w+)/.exec(text)?.[1])).toEqual([
      'shop',
      'site',
    ]);
    await account.sweep();
    expect(asked()).toBe(2);
    for (const [domain, certificate] of [
      [DOMAIN, 'site'],
      ['shop.example.test', 'shop'],
    ] as const) {
      await expectOracles(account, { domain, certificate, issued: 2 });
    }
  });
});

describe('a CA that stops suggesting', () => {
  it('is not told what an order replaces any more, and the default rule comes back [J11]', async () => {
    account = await startWithAri();
    const { renewAt: byDefault = 0, notAfter = 0 } = await account.role('site');
    suggest(account, { window: { start: notAfter - 12 * DAY, end: notAfter - 11 * DAY } });
    await askAgain(account);
    const without = (answer: { status: number; headers: object; body: string }) => {
      const { renewalInfo: _, ...directory } = JSON.parse(answer.body);
      return { status: answer.status, headers: { ...answer.headers }, body: JSON.stringify(directory) };
    };
    account.ca.faults.add({ endpoint: 'directory', fault: { kind: 'rewrite', change: without }, ...ALWAYS });
    await account.virtual.advance(2 * DAY);
    const { failure } = await askAgain(account);
    expect(failure?.message).toMatch(/lists no renewalInfo/);
    expect((await account.role('site')).renewAt).toBe(byDefault);
    await expectRenewalAt(byDefault);
    expect(replacesSent(account)).toEqual(['none', 'none']);
  });

  it('for a while, and asks to be left alone, is asked again by everybody at another moment, and hinders no start [J14]', async () => {
    account = await startVirtualAccount({}, { renewalInfo: true });
    const names = ['one', 'two', 'three'];
    const declared = names.map((name) => account.declaration(name, [`${name}.example.test`]));
    await account.deploy(declared);
    await account.sweep();
    refuse(503, { 'retry-after': '7200' });
    await account.deploy([...declared, account.declaration('site', [DOMAIN])]);
    await account.sweep();
    expect((await account.role('site')).version).toBeDefined();
    const rows = await Promise.all(names.map((name) => ariRow(account, name)));
    const again = rows.map(({ dueAt = 0 }) => dueAt);
    expect(Math.min(...again)).toBeGreaterThanOrEqual(now() + 2 * HOUR - MINUTE);
    expect(new Set(again).size).toBe(3);
  });
});

describe('a sweep', () => {
  it('that comes twice, early, late or never leads to one renewal at the first sweep after the instant [J13]', async () => {
    account = await startWithAri();
    const { drawnAt = 0 } = await askAgain(account);
    await sweepAt(account, drawnAt - 1);
    expect(account.ca.journal.issued).toHaveLength(1);
    await account.virtual.advance(3 * DAY);
    account.interpreter.start('sweep', 'twice-1', {});
    account.interpreter.start('sweep', 'twice-2', {});
    await account.sweep();
    expect(account.interpreter.executions.filter(({ machine }) => machine === 'renewal')).toHaveLength(2);
    await expectOracles(account, { domain: DOMAIN, issued: 2 });
  });

  it('renews lifetimes of 160 hours, 45 and 90 days each by its own, and none of them at every run [J15]', async () => {
    account = await startVirtualAccount({}, { renewalInfo: true });
    const [ca] = account.declaration('site', [DOMAIN]).cas;
    const profiles = { short: 'shortlived', middle: 'tlsserver', long: 'classic' };
    const declared = Object.entries(profiles).map(([name, profile]) =>
      account.declaration(name, [`${name}.example.test`], { cas: [{ ...ca, profile }] }),
    );
    await account.deploy(declared);
    await account.live(DAY, 6 * HOUR);
    expect(account.ca.journal.issued).toHaveLength(3);
    for (const [name, share] of [
      ['short', 1 / 2],
      ['middle', 1 / 3],
      ['long', 1 / 3],
    ] as const) {
      const { notBefore = 0, notAfter = 0, renewAt = 0 } = await account.role(name);
      expect((await ariRow(account, name)).drawnAt).toBe(renewAt);
      expect((notAfter - renewAt) / (notAfter - notBefore)).toBeGreaterThanOrEqual(share - 0.0101);
      expect((notAfter - renewAt) / (notAfter - notBefore)).toBeLessThanOrEqual(share + 0.0101);
    }
  });

  it('issues nothing because what was remembered of the past is gone [J17]', async () => {
    account = await startWithAri();
    await account.sweep();
    const { renewAt } = await account.role('site');
    const { client, name } = account.ports.base.table;
    const rows = await queryItems(account.ports.base.table, roleKey('site').pk, '');
    const past = rows.filter(({ sk }) => /^(ATTEMPT|ARI)#/.test(String(sk)));
    expect(past.map(({ sk }) => String(sk).split('#')[0])).toEqual(['ARI', 'ATTEMPT']);
    for (const { pk, sk } of past) await client.send(new DeleteCommand({ TableName: name, Key: { pk, sk } }));
    account.ca.journal.clear();
    await account.live(DAY, 6 * HOUR);
    expect(account.ca.journal.issued).toEqual([]);
    expect((await account.role('site')).renewAt).toBe(renewAt);
    expect(account.interpreter.executions.filter(({ machine }) => machine === 'renewal')).toHaveLength(1);
  });
});
