import { afterEach, describe, expect, it } from 'vitest';
import { problemAnswer } from '../faults/support.ts';
import { DAY, HOUR, startVirtualAccount, type VirtualAccount } from '../support/virtual-account.ts';
import { parsed, SCHEMAS } from './schemas.ts';
import { runCli } from './support.ts';

let account: VirtualAccount;
afterEach(() => account.close());

async function issued(): Promise<void> {
  account = await startVirtualAccount();
  await account.deploy([account.declaration('site', ['example.test'])]);
  await account.sweep();
}

describe('perennial renew', () => {
  it('starts what is due, follows it to what is served and tells each status', async () => {
    account = await startVirtualAccount();
    await account.deploy([account.declaration('site', ['example.test'])]);
    const { code, out } = await runCli(account, 'renew site --wait');
    const { version } = await account.role('site');
    expect(code).toBe(0);
    const statuses = ['order pending', 'challenge pending → valid', 'order pending → ready', 'order ready → valid'];
    for (const status of statuses) expect(out).toContain(status);
    expect(out).toContain('target acm: proven');
    expect(out.trimEnd().endsWith(`site was renewed and is served: ${version}`)).toBe(true);
  });

  it('starts nothing where nothing is due, says when it is, and ends with 1', async () => {
    await issued();
    const before = await account.role('site');
    const { code, out } = await runCli(account, 'renew site');
    expect(code).toBe(1);
    expect(out).toMatch(/needs no renewal now. Its renewal begins at 2027-0.* --force renews it all the same/);
    expect(await account.role('site')).toEqual(before);
  });

  it('renews with --force what is not due, through the one claim', async () => {
    await issued();
    const before = await account.role('site');
    const { code, out } = await runCli(account, 'renew site --force --wait --json');
    const told = parsed(SCHEMAS.renew, out);
    const after = await account.role('site');
    expect(code).toBe(0);
    expect(told).toMatchObject({ result: 'started', run: { end: 'renewed', version: after.version } });
    expect(told.targets).toEqual([{ target: 'acm', end: 'proven' }]);
    expect(after.version).not.toBe(before.version);
    expect(after.doneSeq).toBe(after.startSeq);
    expect(await account.versions('site')).toHaveLength(2);
  });

  it('does not wait for the next try of one that fails, and tells that it failed again', async () => {
    account = await startVirtualAccount();
    account.ca.faults.add({
      endpoint: 'finalize',
      times: 2,
      fault: problemAnswer(403, 'caa', 'CAA record forbids it'),
    });
    await account.deploy([account.declaration('site', ['example.test'])]);
    await account.sweep();
    const again = await runCli(account, 'renew site --wait');
    expect(again.code).toBe(1);
    expect(again.out).toMatch(/site was not renewed \(caa\): .*CAA record forbids it.* Next try: 2027/);
    expect((await runCli(account, 'renew site --wait')).code).toBe(0);
  });

  it('leaves a CA alone that has asked to wait, unless it is forced', async () => {
    account = await startVirtualAccount();
    const fault = problemAnswer(429, 'rateLimited', 'too many', { headers: { 'Retry-After': '7200' } });
    account.ca.faults.add({ endpoint: 'newOrder', times: 1, fault });
    await account.deploy([account.declaration('site', ['example.test'])]);
    await account.sweep();
    const { code, out } = await runCli(account, 'renew site --json');
    expect(code).toBe(1);
    expect(parsed(SCHEMAS.renew, out)).toMatchObject({ result: 'must-wait' });
    await account.virtual.advance(3 * HOUR);
    expect((await runCli(account, 'renew site --wait')).code).toBe(0);
  });

  it('never overtakes a run that is under way, but follows it', async () => {
    account = await startVirtualAccount({}, { validationMs: 60_000 });
    await account.deploy([account.declaration('site', ['example.test'])]);
    expect((await runCli(account, 'renew site')).out).toMatch(
      /Renewal of site has begun: arn:aws:states:.*:Perennial-renewal:/,
    );
    const { startSeq } = await account.role('site');
    const { code, out } = await runCli(account, 'renew site --force --wait --json');
    expect(code).toBe(0);
    expect(parsed(SCHEMAS.renew, out)).toMatchObject({ result: 'already-running', run: { end: 'renewed' } });
    expect((await account.role('site')).startSeq).toBe(startSeq);
  });

  it('warns where a limit of the CA has no room, and says that the run was put off', async () => {
    account = await startVirtualAccount();
    const site = account.declaration('site', ['example.test']);
    const limits = { certificatesPerExactSet: { count: 2, windowMs: 7 * DAY } };
    await account.deploy([{ ...site, cas: [{ ...site.cas[0], limits }] }]);
    await account.sweep();
    const last = await runCli(account, 'renew site --force --wait');
    expect(last.code).toBe(0);
    expect(last.out).toMatch(
      /^warning: This order is the last that local's limit certificatesPerExactSet for example.test has room for before 2027-01-0/,
    );
    const { code, out } = await runCli(account, 'renew site --force --wait --json');
    const told = parsed(SCHEMAS.renew, out);
    expect(code).toBe(1);
    expect(told.warnings[0]).toMatch(/local's limit certificatesPerExactSet for example.test has no room before/);
    expect(told.run).toMatchObject({ end: 'put-off' });
  });

  it('tells why Step Functions refused, and leaves the row due', async () => {
    await issued();
    account.calls.plan = async (call, act) => {
      if (call.operation !== 'StartExecution') return act();
      throw Object.assign(new Error('not authorized to perform states:StartExecution'), {
        name: 'AccessDeniedException',
        $metadata: { httpStatusCode: 400 },
      });
    };
    const { code, out } = await runCli(account, 'renew site --force');
    expect(code).toBe(1);
    expect(out).toMatch(/Nothing was started: .*not authorized to perform states:StartExecution/);
    expect((await account.role('site')).dueAt).toBeLessThan(account.virtual.clock.now() + 2 * 60_000);
  });

  it('refuses a certificate that is not known, and one that is retired', async () => {
    await issued();
    expect(await runCli(account, 'renew sit')).toMatchObject({
      code: 2,
      err: expect.stringContaining('Did you mean "site"?'),
    });
    await account.deploy([]);
    expect(await runCli(account, 'renew site')).toMatchObject({
      code: 2,
      err: expect.stringContaining('it is retired'),
    });
  });
});
