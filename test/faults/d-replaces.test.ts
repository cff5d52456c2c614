import { afterEach, describe, expect, it } from 'vitest';
import { askAgain, hasReplaces, replacesSent, startWithAri, suggest, sweepAt } from '../support/renewal-info.ts';
import type { VirtualAccount } from '../support/virtual-account.ts';
import { DAY, HOUR, MINUTE } from '../support/virtual-account.ts';
import { expectOracles, servedAt } from './oracles.ts';

let account: VirtualAccount;
afterEach(() => account.close());

const DOMAIN = 'example.test';
const PROBLEM = { 'content-type': 'application/problem+json' };

/** Refuses the first newOrder that says what it replaces. */
function refuseReplaces(status: number, type: string) {
  const body = JSON.stringify({ type: `urn:ietf:params:acme:error:${type}`, detail: 'not that one', status });
  const fault = { kind: 'answer', status, headers: PROBLEM, body } as const;
  return account.ca.faults.add({ endpoint: 'newOrder', fault, when: hasReplaces, times: Number.POSITIVE_INFINITY });
}

/** The certificate is renewed within the window that the CA suggests; what was served before. */
async function renew() {
  const { drawnAt = 0 } = await askAgain(account);
  const before = await servedAt(account, DOMAIN);
  await sweepAt(account, drawnAt + MINUTE);
  return before;
}

describe('a renewal', () => {
  it('says what it replaces, within the window, and counts towards no limit', async () => {
    account = await startWithAri({ limits: { certificatesPerExactSet: { count: 1, windowMs: 400 * DAY } } });
    const before = await renew();
    const [first, second] = account.ca.journal.issued;
    expect(replacesSent(account)).toEqual(['none', first?.certId]);
    expect(second?.replaces).toBe(first?.certId);
    expect(account.ca.journal.limited).toEqual([]);
    await expectOracles(account, { domain: DOMAIN, issued: 2, before });
  });

  it('that replaces what was replaced already is ordered once more without saying so [D16]', async () => {
    account = await startWithAri();
    const refused = refuseReplaces(409, 'alreadyReplaced');
    const before = await renew();
    expect(refused.played()).toBe(1);
    expect(replacesSent(account)).toEqual(['none', 'refused', 'none']);
    await expectOracles(account, { domain: DOMAIN, issued: 2, before });
  });

  it.each([
    [404, 'malformed'],
    [400, 'malformed'],
    [403, 'unauthorized'],
    [500, 'serverInternal'],
  ])(
    'whose replaces is refused with %d %s is ordered once more without it, which is logged and alarms nobody [D17]',
    async (status, type) => {
      const lines: string[] = [];
      account = await startWithAri({}, { onLog: (line) => lines.push(line) });
      const refused = refuseReplaces(status, type);
      const before = await renew();
      expect(refused.played()).toBe(1);
      expect(replacesSent(account)).toEqual(['none', 'refused', 'none']);
      expect(lines.filter((line) => line.includes('"code":"replacesLeftOut"'))).toHaveLength(1);
      await expectOracles(account, { domain: DOMAIN, issued: 2, before });
    },
  );

  it('that a limit refuses is not repeated without its replaces, which would lose the exemption', async () => {
    account = await startWithAri();
    const body = JSON.stringify({ type: 'urn:ietf:params:acme:error:rateLimited', detail: 'later' });
    const fault = { kind: 'answer', status: 429, headers: { ...PROBLEM, 'retry-after': '3600' }, body } as const;
    account.ca.faults.add({ endpoint: 'newOrder', fault, when: hasReplaces });
    const before = await renew();
    const [first] = account.ca.journal.issued;
    expect(replacesSent(account)).toEqual(['none', 'refused']);
    await account.live(2 * HOUR, 30 * MINUTE);
    expect(replacesSent(account)).toEqual(['none', 'refused', first?.certId]);
    await expectOracles(account, { domain: DOMAIN, issued: 2, before, told: 1 });
  });

  it('after an order for the same certificate whose answer was lost gets 409 and is ordered without replaces, without an alarm [D19]', async () => {
    account = await startWithAri();
    // The first one has a nonce that has grown old.
    account.ca.faults.add({ endpoint: 'newOrder', fault: { kind: 'lose' }, call: 2 });
    const before = await renew();
    const [first] = account.ca.journal.issued;
    expect(replacesSent(account).slice(1)).toEqual([first?.certId, first?.certId, 'none']);
    const refused = account.ca.journal.requests.filter(({ problemType = '' }) =>
      problemType.includes('alreadyReplaced'),
    );
    expect(refused).toHaveLength(1);
    await expectOracles(account, { domain: DOMAIN, issued: 2, before });
  });

  it('by another account, or by one that the CA has made anew, never says that it replaces [D18]', async () => {
    account = await startWithAri();
    const [ca] = account.declaration('site', [DOMAIN]).cas;
    const other = account.declaration('site', [DOMAIN], { cas: [{ ...ca, accountLabel: 'other' }] });
    await account.deploy([other]);
    await account.sweep();
    expect(account.ca.journal.issued).toHaveLength(2);
    const { account: url = '' } = account.ca.journal.issued[1] ?? {};
    account.ca.control.forgetAccount(url);
    suggest(account, { window: { start: account.virtual.clock.now() - HOUR, end: account.virtual.clock.now() - 1 } });
    await account.live(2 * HOUR, 15 * MINUTE);
    expect(account.ca.journal.issued).toHaveLength(3);
    expect(replacesSent(account)).toEqual([
      'none',
      'none',
      ...replacesSent(account)
        .slice(2)
        .map(() => 'none'),
    ]);
  });
});
