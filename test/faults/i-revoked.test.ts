import { afterEach, describe, expect, it } from 'vitest';
import { askAgain, startWithAri, suggest, sweepAt } from '../support/renewal-info.ts';
import type { VirtualAccount } from '../support/virtual-account.ts';
import { DAY, HOUR, MINUTE } from '../support/virtual-account.ts';
import type { Served } from './oracles.ts';
import { expectOracles, servedAt } from './oracles.ts';
import { problemAnswer } from './support.ts';

let account: VirtualAccount;
afterEach(() => account.close());

const DOMAIN = 'example.test';
const now = () => account.virtual.clock.now();
const issuedCount = () => account.ca.journal.issued.length;

/** Certificates that reached ACM, from now on. */
function watchImports(): { readonly count: () => number } {
  let count = 0;
  account.calls.plan = (call, act) => {
    if (call.operation === 'ImportCertificate') count += 1;
    return act();
  };
  return { count: () => count };
}

/** A certificate is served; its renewal is issued, cannot be pushed yet, and its CA says that it was to be replaced already. */
async function revokeBeforePush(): Promise<Served> {
  account = await startWithAri();
  const before = await servedAt(account, DOMAIN);
  account.calls.plan = (call, act) => (call.handler === 'push-target' ? account.calls.kill() : act());
  await sweepAt(account, ((await account.role('site')).renewAt ?? 0) + MINUTE);
  expect(issuedCount()).toBe(2);
  suggest(account, { window: { start: now() - 2 * HOUR, end: now() - HOUR } });
  await askAgain(account);
  const { dueAt = 0 } = (await account.targets('site'))[0] ?? {};
  await account.virtual.advance(Math.max(0, dueAt - now()) + 1);
  return before;
}

describe('a version revoked between its issue and its push', () => {
  it('is not pushed but issued anew, and what was served stays until that is there [I9]', async () => {
    const before = await revokeBeforePush();
    const imports = watchImports();
    const pushed = account.interpreter.executions.filter(({ machine }) => machine === 'push').length;
    await account.live(3 * HOUR);
    expect(account.interpreter.executions.filter(({ machine }) => machine === 'push').length).toBeGreaterThan(
      pushed + 1,
    );
    expect(issuedCount()).toBe(3);
    expect(imports.count()).toBe(1);
    // What is told is the push that the case itself held up.
    await expectOracles(account, { domain: DOMAIN, issued: 3, before, told: 1 });
  });

  it('waits while its CA issues no other, but is served before what is served ends [I9]', async () => {
    const before = await revokeBeforePush();
    const down = problemAnswer(500, 'serverInternal', 'down');
    account.ca.faults.add({ endpoint: 'newOrder', times: Number.POSITIVE_INFINITY, fault: down });
    const imports = watchImports();
    await account.live(15 * DAY, 12 * HOUR);
    expect(await servedAt(account, DOMAIN)).toEqual(before);
    expect(imports.count()).toBe(0);
    const { endsAt = 0 } = (await account.targets('site'))[0] ?? {};
    await account.virtual.advance(endsAt - 4 * DAY - now());
    await account.live(3 * HOUR);
    expect(now()).toBeLessThan(endsAt);
    expect(await servedAt(account, DOMAIN)).toMatchObject({ sha256: (await account.role('site')).version });
  });

  it('is pushed all the same where nothing is served yet [I9]', async () => {
    account = await startWithAri({}, {});
    await account.deploy([account.declaration('site', [DOMAIN]), account.declaration('new', [`new.${DOMAIN}`])]);
    account.calls.plan = (call, act) => (call.handler === 'push-target' ? account.calls.kill() : act());
    await account.sweep();
    suggest(account, { window: { start: now() - 2 * HOUR, end: now() - HOUR } }, `new.${DOMAIN}`);
    account.ca.faults.add({ endpoint: 'newOrder', times: Number.POSITIVE_INFINITY, fault: { kind: 'refuse' } });
    await account.sweep();
    expect((await account.role('new')).renewAt).toBeLessThan(now());
    account.calls.plan = (_call, act) => act();
    await account.live(3 * HOUR);
    expect(await servedAt(account, `new.${DOMAIN}`)).toMatchObject({ sha256: (await account.role('new')).version });
  });
});
