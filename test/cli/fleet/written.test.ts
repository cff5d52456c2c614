import { afterEach, describe, expect, it } from 'vitest';
import { readFleet } from '../../../cli/fleet/read-fleet.ts';
import { problemAnswer } from '../../faults/support.ts';
import { DAY, HOUR, MINUTE, startVirtualAccount, type VirtualAccount } from '../../support/virtual-account.ts';
import { parsed, SCHEMAS } from '../schemas.ts';
import { runCli, watched } from '../support.ts';

let account: VirtualAccount;
afterEach(() => account.close());

async function patterns() {
  const { out, code } = await runCli(account, 'doctor --fleet --json');
  return { code, patterns: parsed(SCHEMAS.doctor, out).patterns ?? [] };
}

const sites = (names: readonly string[], zone = 'example.test') =>
  names.map((name) => account.declaration(name, [`${name}.${zone}`]));

describe('perennial doctor --fleet on what the steps have written', () => {
  it('finds no pattern in half a year without trouble', async () => {
    account = await startVirtualAccount();
    account.sns.subscribe(account.topicArn, 'email', 'day@example.test', true);
    await account.deploy(sites(['blog', 'mail', 'shop']));
    await account.live(180 * DAY, 12 * HOUR);
    const history = await readFleet(account.ports.base.table, account.virtual.clock.now());
    expect(history.attempts.length).toBeGreaterThan(8);
    expect(history.renewals.length).toBeGreaterThan(5);
    for (const { margin } of history.renewals) expect(margin).toBeGreaterThan(0.3);
    await account.sweep();
    await watched(account);
    await account.virtual.advance(MINUTE);
    expect(await patterns()).toEqual({ code: 0, patterns: [] });
  }, 120_000);

  it('finds that several certificates are refused for one reason', async () => {
    account = await startVirtualAccount();
    account.ca.faults.add({
      endpoint: 'finalize',
      times: 100,
      fault: problemAnswer(403, 'caa', 'CAA record forbids it'),
    });
    await account.deploy(sites(['blog', 'mail', 'shop']));
    await account.sweep();
    const { code, patterns: found } = await patterns();
    expect(code).toBe(1);
    expect(found).toMatchObject([{ kind: 'shared-problem', certificates: ['blog', 'mail', 'shop'] }]);
    expect(found[0]?.words).toMatch(/^3 of the 3 certificates .* failed with caa at local/);
    expect((await runCli(account, 'doctor --fleet')).out).toMatch(/^Patterns in 3 attempt\(s\):\n!! {2}3 of the 3/m);
  });

  it('finds the zone whose name servers lag', async () => {
    account = await startVirtualAccount({ zones: ['example.test', 'slow.test'] });
    const quick = sites(['blog', 'mail', 'shop']);
    const slow = ['one', 'two', 'three'].map((name) => ({
      ...account.declaration(name, [`${name}.slow.test`]),
      registeredDomains: ['slow.test'],
    }));
    for (const { domains } of slow)
      account.dns.faults.set(`_acme-challenge.${domains[0]}`, {
        kind: 'lag',
        until: account.virtual.clock.now() + 15 * MINUTE,
      });
    await account.deploy([...quick, ...slow]);
    await account.live(HOUR);
    const { patterns: found } = await patterns();
    expect(found).toMatchObject([{ kind: 'slow-zone', certificates: ['one', 'three', 'two'] }]);
    expect(found[0]?.words).toMatch(
      /^The name servers of slow\.test .* took 1\d minutes in the middle of 3 attempts, other zones \d+ seconds/,
    );
  });
});
