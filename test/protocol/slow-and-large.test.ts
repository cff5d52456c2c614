import { afterEach, describe, expect, it } from 'vitest';
import type { HttpSend } from '../../lambdas/acme/http.ts';
import type { CaSettings } from '../../lambdas/core/declaration.ts';
import { sendTo } from '../support/local-ca-send.ts';
import type { VirtualAccount } from '../support/virtual-account.ts';
import { DAY, HOUR, MINUTE, START, startVirtualAccount } from '../support/virtual-account.ts';

let account: VirtualAccount;
afterEach(() => account.close());

const now = () => account.virtual.clock.now();
const DOMAINS = ['example.test'];

/** The account's CA, and others that answer by a script. */
function withOthers(others: HttpSend): HttpSend {
  const own = sendTo(() => account.ca);
  return (request) => (new URL(request.url).host === 'ca.localhost' ? own(request) : others(request));
}

function twoCas(): readonly [CaSettings, CaSettings] {
  const [own] = account.declaration('site', DOMAINS).cas;
  return [{ ...own, name: 'first', directoryUrl: 'https://first.localhost/directory' }, own];
}

describe('a Lambda of 60 seconds', () => {
  it('is enough for 100 names at a CA that takes 0.7 seconds for each answer', async () => {
    account = await startVirtualAccount();
    const domains = Array.from({ length: 100 }, (_, at) => `n${at}.example.test`);
    for (const endpoint of ['authorization', 'challenge'] as const)
      account.ca.faults.add({ endpoint, fault: { kind: 'delay', ms: 700 }, times: Number.POSITIVE_INFINITY });
    await account.deploy([account.declaration('site', domains)]);
    await account.live(3 * HOUR, 30 * MINUTE);
    expect(account.ca.journal.issued).toHaveLength(1);
  }, 120_000);

  it('is not overrun by looks at slow name servers: a look that takes 14 seconds costs a Wait, not the run', async () => {
    account = await startVirtualAccount();
    const shown = START + 3 * MINUTE;
    account.calls.plan = async (call, act) => {
      if (call.service !== 'dns') return act();
      await account.virtual.clock.sleep(14_000);
      return act();
    };
    account.dns.faults.set('_acme-challenge.example.test', { kind: 'lag', until: shown });
    await account.deploy([account.declaration('site', DOMAINS)]);
    await account.sweep();
    expect(account.sns.messages().filter(({ subject }) => subject?.includes('fails'))).toEqual([]);
    expect(account.ca.journal.issued).toHaveLength(1);
  });
});

describe('a certificate', () => {
  it('whose validity begins in half an hour is not pushed before that, and nobody is told of a failure [I4]', async () => {
    let caNow = () => START;
    account = await startVirtualAccount({}, { now: () => caNow() + 90 * MINUTE });
    caNow = now;
    await account.deploy([account.declaration('site', DOMAINS)]);
    await account.sweep();
    const { notBefore = 0, version } = await account.role('site');
    expect(version).toBeDefined();
    expect(notBefore).toBeGreaterThan(now());
    expect(account.acm.certificates()).toEqual([]);
    await account.live(HOUR);
    expect(account.acm.certificates()).toHaveLength(1);
    expect(account.sns.messages().filter(({ subject }) => subject?.includes('fails'))).toEqual([]);
  });
});

describe('the next CA', () => {
  it('has its turn where the directory of the first has become a web page', async () => {
    const page = async () => ({ status: 200, headers: { 'content-type': 'text/html' }, body: '<html>moved</html>' });
    account = await startVirtualAccount({ send: withOthers(page) });
    await account.deploy([account.declaration('site', DOMAINS, { cas: twoCas() })]);
    await account.live(DAY, 30 * MINUTE);
    expect(account.ca.journal.issued).toHaveLength(1);
  });
});

describe('a new target', () => {
  it('that is declared while its certificate is issued for the first time gets that certificate', async () => {
    account = await startVirtualAccount();
    await account.deploy([account.declaration('site', DOMAINS, { targets: [] })]);
    let puts = 0;
    account.calls.plan = async (call, act) => {
      if (call.handler === 'outside' && call.operation === 'PutItem') puts += 1;
      if (puts === 3) {
        puts += 1;
        await account.sweep();
      }
      return act();
    };
    await account.deploy([account.declaration('site', DOMAINS)]);
    account.calls.plan = (_call, act) => act();
    expect(account.ca.journal.issued).toHaveLength(1);
    await account.live(DAY, HOUR);
    expect((await account.targets('site'))[0]?.proven).toBe((await account.role('site')).version);
  });
});
